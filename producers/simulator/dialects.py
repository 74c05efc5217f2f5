"""How dispatch programs word things: every organisation has its own, and the directory maps what is known of it.

Comes in: the place of an organisation in the city. Goes out: its words for states and sources, the shape of its order
ids, and the mapping for the directory. One word of each kind is in no directory, and one program uses a fixed word for
something else.
"""

from dataclasses import dataclass

from streams.contracts.directory import OrderSource, OrderState

STATES: tuple[OrderState, ...] = (
    "created",
    "waiting",
    "searching",
    "assigned",
    "arrived",
    "on_board",
    "completed",
    "cancelled",
    "no_car",
    "no_show",
)
SOURCES: tuple[OrderSource, ...] = ("operator", "handheld", "website", "app", "partner", "messenger")


@dataclass(frozen=True)
class Dialect:
    """`states` and `sources` hold the program's word for each fixed one; a state without a word is never told."""

    states: dict[OrderState, str]
    sources: dict[OrderSource, str]
    unmapped_state: str
    unmapped_source: str
    order_id: str
    names_services_by_id: bool
    price_is_fixed: bool
    """Known when the order is taken, else when the trip is over."""

    @property
    def state_mapping(self) -> dict[str, OrderState]:
        """Only what differs: a fixed word maps to itself."""
        return {word: state for state, word in self.states.items() if word != state}

    @property
    def source_mapping(self) -> dict[str, OrderSource]:
        return {word: source for source, word in self.sources.items() if word != source}


def _plain(names: tuple[OrderState, ...]) -> dict[OrderState, str]:
    return {name: name for name in names}


RUSSIAN = Dialect(
    states={
        "created": "создан",
        "waiting": "ожидает",
        "searching": "поиск",
        "assigned": "назначен",
        "arrived": "на месте",
        "on_board": "в пути",
        "completed": "выполнен",
        "cancelled": "отменён",
        "no_car": "нет машин",
        "no_show": "клиент не вышел",
    },
    sources={
        "operator": "оператор",
        "handheld": "КПК",
        "website": "сайт",
        "app": "приложение",
        "partner": "партнёр",
        "messenger": "бот",
    },
    unmapped_state="пауза",
    unmapped_source="рация",
    order_id="{number}",
    names_services_by_id=False,
    price_is_fixed=False,
)
FIXED_WORDS = Dialect(
    states=_plain(STATES) | {"waiting": "queued", "arrived": "waiting"},
    sources={source: source for source in SOURCES},
    unmapped_state="on hold",
    unmapped_source="walk-in",
    order_id="A-{number}",
    names_services_by_id=True,
    price_is_fixed=True,
)
"""Its `waiting` is the car's that has arrived: the directory's word goes before the fixed one."""
CODES = Dialect(
    states={
        "created": "10",
        "searching": "20",
        "assigned": "30",
        "on_board": "50",
        "completed": "100",
        "cancelled": "110",
        "no_car": "111",
        "no_show": "112",
    },
    sources={"operator": "1", "handheld": "2", "website": "3", "app": "4", "partner": "5", "messenger": "6"},
    unmapped_state="99",
    unmapped_source="9",
    order_id="2026/{number}",
    names_services_by_id=False,
    price_is_fixed=True,
)
DIALECTS = (RUSSIAN, FIXED_WORDS, CODES)


def dialect(index: int) -> Dialect:
    """Of the organisation at this place."""
    return DIALECTS[index % len(DIALECTS)]
