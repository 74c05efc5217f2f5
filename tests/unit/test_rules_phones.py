"""Definitions, "From records to a call" 8: which texts are which phone."""

import pytest

from streams.phones import MAX_TEXT, e164


def moscow(text: str) -> str:
    return e164(text, "RU", "495", 7)


@pytest.mark.parametrize(
    "text",
    ["+79161234567", "89161234567", "9161234567", "8 (916) 123-45-67", "81079161234567", "+7 916 123 45 67"],
)
def test_every_spelling_of_a_number_is_one_phone(text: str) -> None:
    assert moscow(text) == "+79161234567"


@pytest.mark.parametrize(
    "text", ["", "112", "101", "anonymous", "Unknown", "7916123456", "12345678901234567890", "+7", "+", "я", "\0"]
)
def test_what_is_only_possible_or_no_number_at_all_is_no_phone(text: str) -> None:
    assert moscow(text) == ""


def test_exactly_the_local_digits_get_the_area_code() -> None:
    assert moscow("1234567") == "+74951234567"
    assert e164("123456", "RU", "3432", 6) == "+73432123456"


@pytest.mark.parametrize("text", ["123-45-67", " 1234567", "123456", "12345678", "१२३४५६७"])
def test_anything_else_gets_no_area_code(text: str) -> None:
    assert moscow(text) == ""


def test_without_an_area_code_local_digits_are_read_as_written() -> None:
    assert e164("1234567", "RU", None, 7) == ""


def test_local_digits_that_are_not_valid_behind_the_area_code_are_read_as_written() -> None:
    """030 1234 is a number in Berlin; with another area code before it, it is none."""
    assert e164("0301234", "DE", "0000", 7) == "+49301234"


def test_the_region_reads_what_has_no_country() -> None:
    assert e164("030 12345678", "DE", None, 7) == "+493012345678"
    assert e164("+79161234567", "DE", None, 7) == "+79161234567"


def test_without_a_region_only_international_forms_are_phones() -> None:
    assert e164("+79161234567", None, None, 7) == "+79161234567"
    assert e164("89161234567", None, None, 7) == ""


def test_huge_texts_are_no_phones_and_are_not_kept() -> None:
    assert moscow("+7916123456" + "7" * MAX_TEXT) == ""
