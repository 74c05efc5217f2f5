"""From the image of an order to its row of `order_facts`, without what depends on other orders and on calls."""

from streams.contracts.activity import OrderImage
from streams.contracts.facts import OrderFact
from streams.rules.order import TERMINAL

FIELDS = tuple(OrderFact.__annotations__)


def order_fact(image: OrderImage) -> OrderFact:
    """Completed, cancelled, no_car, no_show and open add up to orders."""
    state = image["state"]
    return {
        "organisation": image["organisation"],
        "service": image["service"],
        "server": "",
        "gateway": "",
        "number": "",
        "id": image["id"],
        "phone": image["phone"],
        "source": image["source"],
        "state": state,
        "created_at": image["created_at"],
        "closed_at": image["closed_at"],
        "pickup_at": image["pickup_at"],
        "local_time": image["local_time"],
        "utc_offset_min": image["utc_offset_min"],
        "price": image["price"],
        "currency": image["currency"],
        "attribution": "",
        "call": "",
        "unmapped": image["unmapped"],
        "orders": 1,
        "orders_completed": int(state == "completed"),
        "orders_cancelled": int(state == "cancelled"),
        "orders_no_car": int(state == "no_car"),
        "orders_no_show": int(state == "no_show"),
        "orders_open": int(state not in TERMINAL),
        "new_clients_service": 0,
        "new_clients_organisation": 0,
        "unknown_clients_service": 0,
        "unknown_clients_organisation": 0,
        "new_ordering_clients_service": 0,
        "new_ordering_clients_organisation": 0,
        "unknown_ordering_clients_service": 0,
        "unknown_ordering_clients_organisation": 0,
        "reactivated_clients": 0,
        "revenue": image["revenue"],
        "attributed_a": 0,
        "attributed_b": 0,
        "attributed_c": 0,
        "attributed_d": 0,
    }
