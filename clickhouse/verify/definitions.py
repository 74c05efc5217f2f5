"""Which definition decides a column of a fact: what `pulse verify --explain` says beside a difference.

Comes in: the name of a column. Goes out: the rule, as streams/DEFINITIONS.md numbers or names it, in a line.
"""

from clickhouse.families import BY_TABLE

_WINNER = "1 Winner: of one identity the highest revision, of equal ones the greatest canonical form"
_CALL = "2 Call: the winners of a server that a call_id or a channel joins; its id is the smallest call_id"
_WAY = "3 Direction, gateway, phone: the first inbound leg with a gateway, else the first outbound one, else internal"
_LINE = "4 Line: that of the gateway on the day of the call's start, in the server's zone"
_COUNTED = "5 Counted: inbound, and not internal, trunk, unmapped or staff, in this order"
_TIMES = "6 Times: from the earliest leg to the latest end of the legs with the call's gateway"
_ANSWERED = "7 Answered: the earliest connection of 1 s, to an agent (inbound) or on the gateway (outbound)"
_PHONE = "8 Phone: valid E.164, in the area code and region of the service; staff phones make no client"
_CLOCK = "Time: the wall clock of the service, else of the organisation, else of the server, else UTC"
_AGE = (
    "none from the date in the client base on, unknown_ where the first call or order lies before history_from + [28 d]"
)
_CALLER = f"First counted call of the phone in that scope by (start, server, id); {_AGE}"
_CLIENT = f"First completed order of the phone in that scope by (created_at, order_id); {_AGE}"
_ORDERING = f"First order of the phone in that scope by (created_at, order_id); {_AGE}"
_CONTACT = "Contact: calls of a phone to a service, each starting at most [15 min] after the latest end so far"
_REACHED = (
    "Recovered: of the missed, with an answered call of the phone, an answered one to it or an order with it in the "
    "organisation, from the contact's first start until [30 min] after its last end; else lost"
)
_DEMAND = (
    "Demand: no order of the phone open when the contact's first call starts, those attributed to the contact aside; "
    "converted: an order attributed at A or B to any of its calls"
)
_LATEST = "Order: what its highest revision says, in the organisation's words"
_CLOSED = "Order: occurred_at of the first revision from which on all are terminal"
_ATTRIBUTION = (
    "Attribution of operators' orders: A its card names a counted call; B same service and phone, from 1 min before "
    "the start to [15 min] after the end: answered, nearest, latest, smallest id; C as B in another service; D none"
)
_BACK = "Re-activated: completed, over [180 d] after the phone's latest activity, with an earlier completed one"
_MONEY = "Revenue: the price of a completed order in the organisation's currency"

RULES: dict[str, str] = {
    **dict.fromkeys(("direction", "gateway"), _WAY),
    **dict.fromkeys(("organisation", "service", "number"), _LINE),
    **dict.fromkeys(("counted", "reason", "calls", "calls_outbound", "calls_staff"), _COUNTED),
    **dict.fromkeys(("started_at", "ended_at"), _TIMES),
    **dict.fromkeys(("answered_at", "calls_answered", "wait_answered_ms", "talk_ms"), _ANSWERED),
    **dict.fromkeys(("calls_missed", "calls_short", "wait_missed_ms"), "Missed: not answered, and [5 s] or longer"),
    **dict.fromkeys(("phone", "calls_no_number"), _PHONE),
    **dict.fromkeys(("local_time", "utc_offset_min"), _CLOCK),
    **{f"{age}_callers_{scope}": _CALLER for age in ("new", "unknown") for scope in ("service", "organisation")},
    **{f"{age}_clients_{scope}": _CLIENT for age in ("new", "unknown") for scope in ("service", "organisation")},
    **{
        f"{age}_ordering_clients_{scope}": _ORDERING
        for age in ("new", "unknown")
        for scope in ("service", "organisation")
    },
    **dict.fromkeys(("contacts", "contacts_missed"), _CONTACT),
    **dict.fromkeys(("contacts_recovered", "contacts_lost"), _REACHED),
    **dict.fromkeys(("contacts_demand", "contacts_converted"), _DEMAND),
    "legs": "2 Call: its legs by (start, record_id), as their winning records have them",
    "bridged": "5 Counted: two tenants' calls bridged on one PBX are one call, of the leg that decides the way",
    **dict.fromkeys(("source", "state", "unmapped", "created_at", "pickup_at", "price", "currency"), _LATEST),
    **{f"orders{kind}": _LATEST for kind in ("", "_completed", "_cancelled", "_no_car", "_no_show", "_open")},
    "closed_at": _CLOSED,
    **dict.fromkeys(("attribution", "call", *(f"attributed_{level}" for level in "abcd")), _ATTRIBUTION),
    "reactivated_clients": _BACK,
    "revenue": _MONEY,
    "sign": "Each fact stands exactly once: what was said before is taken back",
}
_OF_ORDERS = {
    **dict.fromkeys(("server", "gateway", "number"), _ATTRIBUTION),
    **dict.fromkeys(("organisation", "service"), _LATEST),
}
WHOLE = {"call_facts": (_WINNER, _CALL), "order_facts": (_WINNER, _LATEST)}
"""For a fact that is not there, or should not be."""


def rule(table: str, column: str) -> str:
    if column.endswith("_histogram"):
        return "Histogram: the power of two at or below, cut into 16 parts"
    if BY_TABLE[table].name == "orders" and column in _OF_ORDERS:
        return _OF_ORDERS[column]
    return RULES[column]
