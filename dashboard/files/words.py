"""What stands in a file beside the numbers, in Russian and in English."""

from collections.abc import Mapping
from typing import Final, Literal

from clickhouse.metrics import BY_NAME

Lang = Literal["ru", "en"]
LANGS: Final[tuple[Lang, ...]] = ("en", "ru")

_RU: Final = {
    "hour": "Час",
    "day": "День",
    "week": "Неделя",
    "month": "Месяц",
    "offset": "Смещение от UTC",
    "total": "Итого",
    "before": "раньше",
    "seconds": "с",
    "rest": "Остальные",
    "none": "Без значения",
    "from": "С",
    "to": "До",
    "step": "Шаг",
    "time_zone": "Время",
    "local_times": "местное каждой службы",
    "definitions": "Методика, версия",
    "complete_until": "Данные до",
    "partial_from": "Неполные с",
    "provisional_from": "Уточняется с",
    "currency": "Валюта",
    "level": "Связь заказов со звонками, уровень",
    "numbers": "Числа",
    "about": "О числах",
    "operator": "Оператор",
    "handheld": "КПК водителя",
    "website": "Сайт",
    "app": "Приложение",
    "partner": "Партнёр",
    "messenger": "Мессенджер",
    "corporate": "Корпоративный",
    "unknown": "Не указан",
    "created": "Создан",
    "waiting": "Ожидает",
    "searching": "Поиск машины",
    "assigned": "Назначен",
    "arrived": "Машина на месте",
    "on_board": "Клиент в машине",
    "completed": "Выполнен",
    "cancelled": "Отменён",
    "no_car": "Нет машины",
    "no_show": "Клиент не вышел",
    "other": "Прочее",
    "yes": "да",
    "no": "нет",
    "time": "Время",
    "end": "Конец",
    "closed": "Закрыт",
    "pickup": "Подача",
    "organisation": "Организация",
    "service": "Служба",
    "service_label": "Название службы",
    "gateway": "Шлюз",
    "number": "Номер",
    "id": "Идентификатор",
    "phone": "Телефон",
    "direction": "Направление",
    "inbound": "Входящий",
    "outbound": "Исходящий",
    "internal": "Внутренний",
    "unmapped": "Шлюз вне справочника",
    "trunk": "Межсерверный",
    "staff": "Сотрудник",
    "reason": "Почему не считается",
    "answered": "Отвечен",
    "wait_ms": "Ожидание, с",
    "talk_ms": "Разговор, с",
    "source": "Источник",
    "state": "Состояние",
    "price": "Цена",
    "attribution": "Уровень связи",
    "call": "Звонок",
    "counts_in": "Показатели",
}
_EN: Final = {
    "hour": "Hour",
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "offset": "Offset from UTC",
    "total": "Total",
    "before": "before",
    "seconds": "s",
    "rest": "The rest",
    "none": "None",
    "from": "From",
    "to": "To",
    "step": "Step",
    "time_zone": "Time zone",
    "local_times": "local to each service",
    "definitions": "Definitions, version",
    "complete_until": "Data up to",
    "partial_from": "Partial from",
    "provisional_from": "Provisional from",
    "currency": "Currency",
    "level": "Orders tied to calls, level",
    "numbers": "Numbers",
    "about": "About",
    "handheld": "Driver’s handheld",
    "unknown": "Not given",
    "on_board": "On board",
    "no_car": "No car",
    "no_show": "No show",
    "service_label": "Service name",
    "id": "Id",
    "reason": "Why not counted",
    "wait_ms": "Wait, s",
    "talk_ms": "Talk, s",
    "attribution": "Level",
    "counts_in": "Metrics",
}
_WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {"ru": _RU, "en": _EN}


def metric_name(lang: Lang, name: str) -> str:
    """As on the page."""
    label = BY_NAME[name].label
    return label.ru if lang == "ru" else label.en


def word(lang: Lang, name: str) -> str:
    """In English most names are their own words."""
    return _WORDS[lang].get(name) or name.replace("_", " ").capitalize()
