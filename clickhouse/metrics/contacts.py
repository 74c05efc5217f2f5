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
            "Звонки одного номера в одну службу с короткими перерывами — одно обращение; оно считается по первому "
            "звонку. Какой перерыв ещё короткий, решает настройка организации (обычно 15 минут).",
            "Calls of one phone to one service with short gaps between them are one contact; it counts where its "
            "first call does. Which gap is short is a setting of the organisation (15 minutes by default).",
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
            "Пропущенные обращения, после которых клиенту вскоре ответили, до него дозвонились или он сделал заказ: в "
            "срок из настроек организации (обычно 30 минут).",
            "Missed contacts whose client was answered, reached or made an order soon after: within the time of the "
            "organisation's settings (30 minutes by default).",
        ),
    ),
    _contacts(
        "contacts_lost",
        ("Потерянные обращения", "Lost contacts"),
        (
            "Остальные пропущенные обращения. Самые последние ещё могут стать возвращёнными: они предварительные.",
            "The rest of the missed contacts. The latest ones may still be recovered: they are provisional.",
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
