"""Percentiles come from the histogram, within 5 % of the nearest-rank value."""

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from clickhouse.histogram import bucket, quantile, representative, width

durations = st.one_of(st.integers(0, 200), st.integers(0, 86_400_000), st.integers(0, 1 << 50))


@given(durations)
def test_a_duration_lies_in_its_bucket(ms: int) -> None:
    assert bucket(ms) <= ms < bucket(ms) + width(ms)
    assert width(bucket(ms)) == width(ms)


@given(durations)
def test_a_bucket_stands_for_its_durations_within_5_percent(ms: int) -> None:
    assert abs(representative(bucket(ms)) - ms) <= 0.05 * ms


def test_up_to_32_ms_every_duration_has_its_own_bucket() -> None:
    assert [bucket(ms) for ms in range(32)] == list(range(32))


@given(st.lists(durations, min_size=1), st.sampled_from([0.1, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_within_5_percent_of_the_nearest_rank(values: list[int], share: float) -> None:
    exact = sorted(values)[ceil(round(share * len(values), 6)) - 1]
    found = quantile(Counter(map(bucket, values)), share)
    assert found is not None
    assert abs(found - exact) <= 0.05 * exact


def test_what_was_taken_back_is_not_there() -> None:
    assert quantile({100: 0, 200: 3, 4_000: 0}, 0.5) == representative(200)
    assert quantile({100: 0}, 0.5) is None
    assert quantile({}, 0.5) is None
