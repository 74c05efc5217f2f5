"""What a page can look like to a person: the language, light or dark, a phone or a desk; and which look a test has.

All eight in a run with --every-look. Else one for each test, by its place in its file, so that over all tests the eight
are about as frequent; a test that makes sense in some only says so and why: `@pytest.mark.looks(DESK, why="...")`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Wording = str | Mapping[str, str]


@dataclass(frozen=True)
class Look:
    language: Literal["ru", "en"]
    scheme: Literal["light", "dark"]
    phone: bool
    zone: str = "UTC"
    """That of the person's browser, which is not that of the office."""

    def __str__(self) -> str:
        return f"{self.language}-{self.scheme}-{'phone' if self.phone else 'desk'}"

    @property
    def locale(self) -> str:
        return self.of("ru-RU", "en-GB")

    @property
    def other_scheme(self) -> Literal["light", "dark"]:
        return "light" if self.scheme == "dark" else "dark"

    def of(self, russian: str, english: str) -> str:
        return russian if self.language == "ru" else english

    def number(self, text: str) -> float | None:
        """3 065,5 or 3,065.5 of a person is 3065.5 of a program; a dash is nothing."""
        digits = re.sub(r"[^\d,.]", "", text)
        plain = digits.replace(",", ".") if self.language == "ru" else digits.replace(",", "")
        return float(plain) if plain else None


LOOKS: Final = (
    Look("ru", "light", phone=False),
    Look("en", "dark", phone=True),
    Look("ru", "dark", phone=False),
    Look("en", "light", phone=True),
    Look("en", "light", phone=False, zone="Asia/Yekaterinburg"),
    Look("ru", "dark", phone=True),
    Look("en", "dark", phone=False),
    Look("ru", "light", phone=True),
)
"""Of two that follow each other the second is as unlike the first as can be, or nearly so."""
FAR: Final = tuple(look for look in LOOKS if look.zone != "UTC")
"""Whose clock shows neither the office's hours nor UTC's."""
DESK: Final = tuple(look for look in LOOKS if not look.phone)
PHONE: Final = tuple(look for look in LOOKS if look.phone)


def in_turn(possible: Sequence[Look], place: int, count: int = 1) -> tuple[Look, ...]:
    """Those of the test at that place: so many, and the test after it goes on where they end."""
    return tuple(possible[(place * count + nth) % len(possible)] for nth in range(count))


class Words:
    """Those of the page's own dictionary in one language; a key that it does not have is an error."""

    def __init__(self, dictionary: Mapping[str, Wording]) -> None:
        self.dictionary = dictionary

    def __call__(self, key: str, **given: Any) -> str:
        wording = self.dictionary[key]
        assert isinstance(wording, str), f"{key} is worded by number"
        return re.sub(r"\{(\w+)\}", lambda place: str(given[place[1]]), wording)
