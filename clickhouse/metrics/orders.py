"""The metrics of orders: how many and how they ended, whose first ones they were, their money, their calls."""

from clickhouse.families import ORDERS
from clickhouse.metrics.metric import Better, Group, Metric, Sum, Text, Unit


def _orders(
    name: str,
    label: tuple[str, str],
    explanation: tuple[str, str],
    *,
    group: Group = "orders",
    unit: Unit = "orders",
    measure: str = "",
    better: Better = "more",
) -> Metric:
    return Metric(name, ORDERS, group, unit, Sum(measure or name), Text(*label), Text(*explanation), better)


def _clients(name: str, label: tuple[str, str], first: tuple[str, str]) -> tuple[Metric, ...]:
    """A first order of a phone, by scope; each with its twin for phones that may be older than the records."""
    scopes = (
        ("service", ("служба", "в службе", "of the service")),
        ("organisation", ("организация", "в организации", "of the organisation")),
    )
    ages: tuple[tuple[str, Better, tuple[str, str], tuple[str, str]], ...] = (
        ("new", "more", ("Новые", "New"), ("", "")),
        (
            "unknown",
            "neither",
            ("Возможно, новые", "Possibly new"),
            ("; записи начались недавно, клиент может быть старым", "; the phone may be older than the records"),
        ),
    )
    return tuple(
        _orders(
            f"{age}_{name}_{scope}",
            (f"{how[0]} {label[0]} ({in_[0]})", f"{how[1]} {label[1]} {in_[2]}"),
            (f"{first[0]} {in_[1]}{but[0]}.", f"{first[1]} in the records {in_[2]}{but[1]}."),
            group="clients",
            unit="clients",
            better=better,
        )
        for age, better, how, but in ages
        for scope, in_ in scopes
    )


ORDER_METRICS: tuple[Metric, ...] = (
    _orders(
        "orders",
        ("Заказы", "Orders"),
        ("Все заказы, из любого источника.", "All orders, from any source."),
    ),
    _orders(
        "orders_completed",
        ("Выполненные заказы", "Completed orders"),
        ("Заказы, которые сейчас выполнены.", "Orders whose latest state is completed."),
    ),
    _orders(
        "orders_cancelled",
        ("Отменённые заказы", "Cancelled orders"),
        ("Заказы, которые сейчас отменены.", "Orders whose latest state is cancelled."),
        better="fewer",
    ),
    _orders(
        "orders_no_car",
        ("Нет машины", "No car"),
        ("Заказы, на которые не нашлось машины.", "Orders for which there was no car."),
        better="fewer",
    ),
    _orders(
        "orders_no_show",
        ("Клиент не вышел", "No show"),
        ("Заказы, на которые клиент не вышел.", "Orders whose client did not come."),
        better="fewer",
    ),
    _orders(
        "orders_open",
        ("Открытые заказы", "Open orders"),
        ("Заказы в любом другом состоянии.", "Orders in any other state."),
        better="neither",
    ),
    *_clients(
        "clients",
        ("клиенты", "clients"),
        ("Номера, у которых это первый выполненный заказ", "Phones whose first completed order it is"),
    ),
    *_clients(
        "ordering_clients",
        ("заказчики", "ordering clients"),
        ("Номера, у которых это первый заказ", "Phones whose first order it is"),
    ),
    _orders(
        "reactivated_clients",
        ("Вернувшиеся клиенты", "Re-activated clients"),
        (
            "Выполненные заказы клиентов, которые до этого долго не звонили и не заказывали: дольше срока из настроек "
            "организации (обычно 180 дней).",
            "Completed orders of clients who had neither called nor ordered for long: longer than the organisation's "
            "settings say (180 days by default).",
        ),
        group="clients",
        unit="clients",
    ),
    _orders(
        "revenue",
        ("Выручка", "Revenue"),
        (
            "Цены выполненных заказов в валюте организации.",
            "Prices of completed orders in the currency of the organisation, in minor units.",
        ),
        group="money",
        unit="money",
    ),
    _orders(
        "orders_attributed_a",
        ("Привязка A", "Attributed, level A"),
        ("Заказы операторов, сделанные из карточки звонка.", "Operators' orders made from the card of a call."),
        group="attribution",
        measure="attributed_a",
        better="neither",
    ),
    _orders(
        "orders_attributed_b",
        ("Привязка B", "Attributed, level B"),
        (
            "Заказы операторов, рядом с которыми есть звонок этого номера в эту службу.",
            "Operators' orders with a call of the phone to the service about that time.",
        ),
        group="attribution",
        measure="attributed_b",
        better="neither",
    ),
    _orders(
        "orders_attributed_c",
        ("Привязка C", "Attributed, level C"),
        (
            "Заказы операторов, рядом с которыми есть звонок этого номера в другую службу.",
            "Operators' orders with a call of the phone to another service about that time.",
        ),
        group="attribution",
        measure="attributed_c",
        better="neither",
    ),
    _orders(
        "orders_attributed_d",
        ("Без привязки (D)", "Not attributed, level D"),
        ("Заказы операторов без подходящего звонка.", "Operators' orders without a call that fits."),
        group="attribution",
        measure="attributed_d",
        better="neither",
    ),
)
