"""Phone numbers: text as a PBX or an operator wrote it in, E.164 out ('' where it is no valid number).

Only *valid* numbers are clients: a merely possible one (seven digits without an area code) would join strangers.
"""

from functools import lru_cache

import phonenumbers

MAX_TEXT = 250
"""phonenumbers reads no longer text; stopping before the cache keeps huge texts out of memory."""


def e164(text: str, region: str | None, area_code: str | None, local_digits: int) -> str:
    """E.164, or ''. Without a region only international forms (+…) can be valid."""
    if not text or len(text) > MAX_TEXT:
        return ""
    return _e164(text, region, area_code, local_digits)


@lru_cache(maxsize=1 << 16)
def _e164(text: str, region: str | None, area_code: str | None, local_digits: int) -> str:
    if area_code is not None and len(text) == local_digits and text.isascii() and text.isdigit():
        local = _valid(area_code + text, region)
        if local:
            return local
    return _valid(text, region)


def _valid(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
