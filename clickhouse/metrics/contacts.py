"""The metrics of contacts: calls of one phone to one service close to each other, counted on the first of them."""

from clickhouse.families import CALLS
from clickhouse.metrics.metric import Better, Formula, Metric, Ratio, Sum, Text, Unit


def _contacts(
    name: str,
    label: tuple[str, str],
    explanation: tuple[str, str],
    formula: Formula | None = None,
    *,
    unit: Unit = "contacts",
    better: Better = "more",
    attributed: bool = False,
) -> Metric:
    sums = formula or Sum(name)
    return Metric(name, CALLS, "contacts", unit, sums, Text(*label), Text(*explanation), better, attributed)


CONTACT_METRICS: tuple[Metric, ...] = (
    _contacts(
        "contacts",
        ("Обращения", "Contacts"),
        (
            "Звонки одного номера в одну службу с перерывами не больше 15 минут — одно обращение, по первому звонку.",
            "Calls of one phone to one service with gaps of at most 15 minutes are one contact, on its first call.",
        ),
    ),
    _contacts(
        "contacts_missed",
        ("Пропущенные обращения", "Missed contacts"),
        (
            "Обращения, в которых есть пропущенный звонок и нет ни одного отвеченного.",
            "Contacts with a missed call and none answered.",
        ),
        better="fewer",
    ),
    _contacts(
        "contacts_recovered",
        ("Возвращённые обращения", "Recovered contacts"),
        (
            "Пропущенные обращения, после которых клиенту вскоре (30 минут) ответили, дозвонились или он сделал заказ.",
            "Missed contacts whose client was answered, reached or made an order soon after (30 minutes).",
        ),
    ),
    _contacts(
        "contacts_lost",
        ("Потерянные обращения", "Lost contacts"),
        (
            "Остальные пропущенные обращения; последние полчаса — предварительно.",
            "The rest of the missed contacts; provisional for the last half hour.",
        ),
        better="fewer",
    ),
    _contacts(
        "contacts_demand",
        ("Обращения за заказом", "Contacts with demand"),
        (
            "Обращения с номеров, у которых в этот момент не было открытого заказа.",
            "Contacts of phones that had no open order when the first call began.",
        ),
    ),
    _contacts(
        "contacts_converted",
        ("Обращения с заказом", "Contacts converted"),
        (
            "Обращения за заказом, из которых получился заказ (привязка уровня A или B).",
            "Contacts with demand that brought an order, attributed at level A or B.",
        ),
        attributed=True,
    ),
    _contacts(
        "conversion",
        ("Конверсия", "Conversion"),
        (
            "Доля обращений за заказом, из которых получился заказ.",
            "The share of contacts with demand that brought an order.",
        ),
        Ratio("contacts_converted", "contacts_demand"),
        unit="share",
        attributed=True,
    ),
)
