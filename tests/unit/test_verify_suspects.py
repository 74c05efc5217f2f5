"""`pulse verify` on a running system: no false alarm, and no real difference hidden."""

from clickhouse.verify.pairs import Pair, side_by_side
from clickhouse.verify.suspects import Suspects


def row(expected: str, found: str, key: str = "k") -> Pair:
    return Pair("calls_hourly", key.encode(), (expected.encode(),), (found.encode(),))


def test_a_row_that_equals_the_calculation_is_verified() -> None:
    suspects = Suspects()
    suspects.look([row("1", "1")], quiet=False)
    assert not suspects.wrong
    assert not suspects.undecided


def test_a_difference_in_a_quiet_round_is_real() -> None:
    suspects = Suspects()
    suspects.look([row("1", "2"), row("3", "3", "other")], quiet=True)
    assert suspects.wrong == [row("1", "2")]
    assert not suspects.undecided


def test_a_difference_that_later_records_explain_is_none() -> None:
    suspects = Suspects()
    suspects.look([row("1", "2")], quiet=False)
    assert suspects.undecided == [row("1", "2")]
    suspects.look([row("2", "2")], quiet=False)
    assert not suspects.wrong
    assert not suspects.undecided


def test_the_same_difference_in_two_rounds_running_is_real() -> None:
    suspects = Suspects()
    suspects.look([row("1", "2")], quiet=False)
    suspects.look([row("1", "2")], quiet=False)
    assert suspects.wrong == [row("1", "2")]
    assert not suspects.undecided


def test_a_row_that_changes_in_every_round_stays_undecided() -> None:
    suspects = Suspects()
    for number in range(5):
        suspects.look([row(str(number), str(number + 1))], quiet=False)
    assert not suspects.wrong
    assert suspects.undecided


def test_a_busy_row_that_is_off_by_one_is_wrong_as_soon_as_it_rests() -> None:
    suspects = Suspects()
    for number in range(5):
        suspects.look([row(str(number), str(number - 1))], quiet=False)
    suspects.look([row("4", "3")], quiet=False)
    assert suspects.wrong == [row("4", "3")]


def test_rows_that_differ_only_later_were_verified_before() -> None:
    suspects = Suspects()
    suspects.look([row("1", "2"), row("1", "1", "fine")], quiet=False)
    suspects.look([row("2", "2"), row("1", "2", "fine")], quiet=False)
    assert not suspects.undecided


def test_where_too_many_differ_all_are_looked_at_again() -> None:
    suspects = Suspects(most=2)
    suspects.look([row("1", "2", key) for key in "abc"], quiet=False)
    assert len(suspects.undecided) == 2
    suspects.look([row("2", "2", "a"), row("2", "2", "b"), row("1", "2", "c")], quiet=False)
    assert suspects.undecided == [row("1", "2", "c")]


def test_sides_are_matched_by_key_and_doubles_are_seen() -> None:
    expected = [(b"a", b"1"), (b"b", b"1"), (b"d", b"1")]
    found = [(b"a", b"1"), (b"b", b"1"), (b"b", b"1"), (b"c", b"1")]
    pairs = {pair.key: (pair.expected, pair.found) for pair in side_by_side("t", expected, found)}
    assert pairs == {
        b"a": ((b"1",), (b"1",)),
        b"b": ((b"1",), (b"1", b"1")),
        b"c": ((), (b"1",)),
        b"d": ((b"1",), ()),
    }


def test_a_difference_names_the_fields() -> None:
    pair = Pair("call_facts", b'["p","c"]', (b'{"calls":1,"sign":1}',), (b'{"calls":0,"sign":1}',))
    assert str(pair) == 'call_facts ["p","c"]: calls expected 1 found 0'
    assert "found    nothing" in str(Pair("call_facts", b"k", (b"{}",), ()))
