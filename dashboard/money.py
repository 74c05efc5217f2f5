"""Money for reading: minor units of a currency as an amount of it."""

from collections.abc import Mapping
from typing import Final

DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""How many digits ISO 4217 gives the minor unit, where it is not two."""


def amount(minor: float, currency: str) -> str:
    digits = DIGITS.get(currency, 2)
    return f"{minor / 10**digits:,.{digits}f} {currency}"
