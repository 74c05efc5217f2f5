"""Which look a test of the page has, and what a look makes of words and numbers."""

import pytest

from tests.browser.looks import DESK, LOOKS, Words, in_turn


def test_eight_tests_in_a_row_have_eight_looks() -> None:
    assert {look for place in range(8) for look in in_turn(LOOKS, place)} == set(LOOKS)


def test_two_looks_of_one_test_differ_in_language_and_size() -> None:
    for place in range(4):
        first, second = in_turn(LOOKS, place, 2)
        assert first.language != second.language
        assert first.phone != second.phone


def test_a_test_that_makes_sense_at_a_desk_only_has_a_look_of_a_desk() -> None:
    assert {look for place in range(4) for look in in_turn(DESK, place)} == set(DESK)


def test_a_number_is_read_as_its_language_writes_it() -> None:
    read = {look.language: look.number for look in LOOKS}
    assert (read["ru"]("3\u00a0065,5"), read["en"]("3,065.5"), read["en"]("–")) == (3065.5, 3065.5, None)


def test_a_word_that_the_page_does_not_have_is_an_error() -> None:
    words = Words({"until": "to {at}", "rows": {"other": "{n} rows"}})
    assert words("until", at="12:41") == "to 12:41"
    with pytest.raises(KeyError):
        words("since")
