"""Buckets of durations: the one place that says in which bucket a duration lies and which value a bucket stands for.

A bucket is named by its lower edge in milliseconds. Its width is 1/16 of the power of two below it, at least 1 ms, so
up to 32 ms every value has its own. A value read back lies within 1/32 (3.2 %) of every duration in the bucket. All of
it is integer arithmetic: what the migrations write out and Python agree to the last bit.
"""

from collections.abc import Mapping
from math import ceil

SUB_BUCKETS = 16
ROUNDING = 1e-6
"""Of a share times a count that ought to be whole."""


def bucket(ms: int) -> int:
    """The lower edge of the bucket of a duration."""
    return ms - ms % width(ms)


def width(ms: int) -> int:
    """Of the bucket in which a duration, or a lower edge, lies."""
    return max((1 << ms.bit_length() - 1) // SUB_BUCKETS, 1) if ms else 1


def representative(lower: int) -> float:
    """What a bucket stands for: its middle."""
    return lower + (width(lower) - 1) / 2


def quantile(histogram: Mapping[int, int], share: float) -> float | None:
    """The nearest-rank value: the smallest that at least `share` of the durations do not exceed. None of nothing."""
    rank = ceil(share * sum(histogram.values()) - ROUNDING)
    for lower in sorted(histogram):
        rank -= histogram[lower]
        if rank <= 0 < histogram[lower]:
            return representative(lower)
    return None
