"""The metrics of calls: how many, by whom, and how long it took."""

from clickhouse.families import CALLS
from clickhouse.metrics.metric import Better, Distinct, Formula, Group, Metric, Percentile, Ratio, Sum, Text, Unit


def _calls(
    name: str,
    formula: Formula,
    label: tuple[str, str],
    explanation: tuple[str, str],
    unit: Unit = "calls",
    better: Better = "more",
) -> Metric:
    return Metric(name, CALLS, _GROUPS[unit], unit, formula, Text(*label), Text(*explanation), better)


_GROUPS: dict[Unit, Group] = {"calls": "calls", "clients": "callers", "ms": "durations"}


def _durations(
    name: str, measure: str, count: str, histogram: str, label: tuple[str, str], of: tuple[str, str], better: Better
) -> tuple[Metric, ...]:
    """The mean, the median and the 90th percentile of one duration."""
    kinds: tuple[tuple[str, Formula, tuple[str, str], tuple[str, str]], ...] = (
        ("avg", Ratio(measure, count), ("среднее", "mean"), ("Среднее", "The mean")),
        ("p50", Percentile(histogram, 0.5, count), ("медиана", "median"), ("Медиана", "The median")),
        ("p90", Percentile(histogram, 0.9, count), ("p90", "p90"), ("90-й процентиль", "The 90th percentile")),
    )
    return tuple(
        _calls(
            f"{name}_{kind}",
            formula,
            (f"{label[0]}, {short[0]}", f"{label[1]}, {short[1]}"),
            (f"{long[0]}: {of[0]}.", f"{long[1]} of {of[1]}."),
            "ms",
            better,
        )
        for kind, formula, short, long in kinds
    )


CALL_METRICS: tuple[Metric, ...] = (
    _calls(
        "calls",
        Sum("calls"),
        ("Звонки", "Calls"),
        (
            "Входящие звонки клиентов: без внутренних, служебных, межсерверных и звонков на неизвестные линии.",
            "Inbound calls of customers: without internal ones, staff, trunks between own servers and unmapped lines.",
        ),
    ),
    _calls(
        "calls_answered",
        Sum("calls_answered"),
        ("Отвеченные", "Answered"),
        (
            "Звонки, в которых человек был на связи хотя бы секунду.",
            "Calls in which a person was connected for a second or more.",
        ),
    ),
    _calls(
        "calls_missed",
        Sum("calls_missed"),
        ("Пропущенные", "Missed"),
        ("Не отвеченные и не короткие звонки.", "Calls neither answered nor short."),
        better="fewer",
    ),
    _calls(
        "calls_short",
        Sum("calls_short"),
        ("Короткие", "Short"),
        (
            "Не отвеченные звонки короче порога организации (обычно 5 с).",
            "Calls not answered and shorter than the organisation's threshold (5 s by default).",
        ),
        better="fewer",
    ),
    _calls(
        "calls_no_number",
        Sum("calls_no_number"),
        ("Без номера", "Without a number"),
        ("Часть звонков, у которых нет верного номера клиента.", "The part of calls without a valid phone."),
        better="neither",
    ),
    _calls(
        "calls_outbound",
        Sum("calls_outbound"),
        ("Исходящие", "Outbound"),
        (
            "Исходящие звонки, кроме межсерверных; не часть звонков.",
            "Outbound calls that are not trunk; no part of calls.",
        ),
        better="neither",
    ),
    _calls(
        "calls_staff",
        Sum("calls_staff"),
        ("Звонки сотрудников", "Staff calls"),
        ("Входящие с номеров сотрудников; не часть звонков.", "Inbound from staff numbers; no part of calls."),
        better="neither",
    ),
    *_durations(
        "wait_answered",
        "wait_answered_ms",
        "calls_answered",
        "wait_answered_histogram",
        ("Ожидание до ответа", "Wait until answered"),
        ("от начала звонка до первого ответа", "the time from the start to the first answer"),
        "fewer",
    ),
    *_durations(
        "wait_missed",
        "wait_missed_ms",
        "calls_missed",
        "wait_missed_histogram",
        ("Ожидание пропущенных", "Wait of missed calls"),
        ("от начала до конца пропущенного звонка", "the time from the start to the end of missed calls"),
        "neither",
    ),
    _calls(
        "talk_time",
        Sum("talk_ms"),
        ("Время разговоров", "Talk time"),
        (
            "Сколько операторы были на связи в отвеченных звонках.",
            "How long people were connected in answered calls.",
        ),
        "ms",
        better="neither",
    ),
    *_durations(
        "talk",
        "talk_ms",
        "calls_answered",
        "talk_histogram",
        ("Разговор", "Talk"),
        ("время разговора в отвеченном звонке", "the talk time of answered calls"),
        "neither",
    ),
    _calls(
        "unique_callers",
        Distinct("phone", "calls"),
        ("Уникальные звонящие", "Unique callers"),
        (
            "Разные номера среди звонков периода; дни не складываются.",
            "Different phones among the calls of the period; days do not add up.",
        ),
        "clients",
    ),
    _calls(
        "new_callers_service",
        Sum("new_callers_service"),
        ("Новые звонящие (служба)", "New callers of the service"),
        ("Номера, впервые позвонившие в эту службу.", "Phones whose first call ever to this service it is."),
        "clients",
    ),
    _calls(
        "new_callers_organisation",
        Sum("new_callers_organisation"),
        ("Новые звонящие (организация)", "New callers of the organisation"),
        (
            "Номера, впервые позвонившие в организацию.",
            "Phones whose first call ever to the organisation it is.",
        ),
        "clients",
    ),
    _calls(
        "unknown_callers_service",
        Sum("unknown_callers_service"),
        ("Возможно, новые звонящие (служба)", "Possibly new callers of the service"),
        (
            "Первый звонок в службу, но записи начались недавно: клиент может быть старым.",
            "First calls to the service of phones that may be older than the records.",
        ),
        "clients",
        better="neither",
    ),
    _calls(
        "unknown_callers_organisation",
        Sum("unknown_callers_organisation"),
        ("Возможно, новые звонящие (организация)", "Possibly new callers of the organisation"),
        (
            "Первый звонок в организацию, но записи начались недавно: клиент может быть старым.",
            "First calls to the organisation of phones that may be older than the records.",
        ),
        "clients",
        better="neither",
    ),
)
