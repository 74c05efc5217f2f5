"""What a store answers is sorted by what to do about it: ask again, or stop."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, DataError, OperationalError

from clickhouse.errors import StoreAwayError, StoreError, TooLateError, sorted_out


def coded(code: int) -> DatabaseError:
    error = DatabaseError("refused")
    error.code = code
    return error


@pytest.mark.parametrize(
    "away", [OperationalError("503"), DatabaseError("502 Bad Gateway"), OSError("reset"), coded(241)]
)
def test_what_does_not_answer_or_passes_is_asked_again(away: Exception) -> None:
    assert isinstance(sorted_out(away), StoreAwayError)


@pytest.mark.parametrize("wrong", [coded(60), DataError("a row of other types")])
def test_what_no_retry_can_cure_stops_the_loader(wrong: Exception) -> None:
    assert isinstance(sorted_out(wrong), StoreError)


def test_a_batch_after_its_deadline_is_known_not_to_have_landed() -> None:
    assert isinstance(sorted_out(coded(469)), TooLateError)


def test_a_mistake_of_our_own_stays_what_it_is() -> None:
    mistake = KeyError("column")
    assert sorted_out(mistake) is mistake
