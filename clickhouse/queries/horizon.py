"""What can be known of the buckets of a range: nothing before the records begin, nothing after what is through.

Pure. A bucket lies before (after) a moment if it does so in every zone asked for.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property

from clickhouse.metrics.metric import Value
from clickhouse.queries.calendar import HOUR, Bucket, after, moment_of, skipped
from clickhouse.queries.routing import NO_SHIFT, Shift, moved
from clickhouse.queries.scope import Scope


@dataclass(frozen=True)
class Horizon:
    """Of the buckets of a scope, or of the comparison that lies `shift` before them."""

    scope: Scope
    buckets: list[Bucket]
    complete_until: datetime
    shift: Shift = NO_SHIFT

    def line(self, values: Mapping[Bucket, Value], empty: Value) -> list[Value]:
        """One value per bucket, null where it would say more than is known."""
        line = [empty] * len(self.buckets)
        for bucket in values.keys() & self._index.keys():
            line[self._index[bucket]] = values[bucket]
        line[: self._recorded] = (None if value == empty else value for value in line[: self._recorded])
        line[self._unknown :] = [None] * len(line[self._unknown :])
        for index in self._not_comparable:
            line[index] = None
        return line

    @cached_property
    def _index(self) -> Mapping[Bucket, int]:
        return {bucket: index for index, bucket in enumerate(self.buckets)}

    @cached_property
    def _not_comparable(self) -> Sequence[int]:
        """What has nothing that lies before it."""
        return [i for i, bucket in enumerate(self.buckets) if self._is_alone(bucket)] if self.shift != NO_SHIFT else []

    def _is_alone(self, bucket: Bucket) -> bool:
        """The second of two hours of one name; what lies over a skipped hour; a year back the 29th of February."""
        short = bool(self.shift.years) and self.scope.query.step in {"hour", "day"}
        leap = short and (bucket.start.month, bucket.start.day) == (2, 29)
        return bucket.again or leap or moved(bucket.start, self.shift) in self._skipped

    @cached_property
    def _skipped(self) -> set[datetime]:
        """Hours of the comparison that no clock asked for has shown."""
        if self.scope.query.step != "hour":
            return set()
        first, last = (moved(bound, self.shift) for bound in (self.scope.first, self.scope.last))
        return set.intersection(*(skipped(first, last, at) for at in self.scope.zones))

    def ending_after(self, moment: datetime) -> Bucket | None:
        """The first bucket of which some is still to come at a moment."""
        index = bisect_left(self.buckets, True, key=lambda bucket: self._end(bucket) > moment)
        return self.buckets[index] if index < len(self.buckets) else None

    @cached_property
    def _recorded(self) -> int:
        """How many buckets end at or before the beginning of the records."""
        begun = self.scope.history_from
        return 0 if begun is None else bisect_left(self.buckets, True, key=lambda bucket: self._end(bucket) > begun)

    @cached_property
    def _unknown(self) -> int:
        """How many buckets begin before the point up to which everything has come through."""
        return bisect_left(self.buckets, True, key=lambda bucket: self._start(bucket) >= self.complete_until)

    def _start(self, bucket: Bucket) -> datetime:
        return min(self._start_in(bucket, at) for at in self.scope.zones)

    def _end(self, bucket: Bucket) -> datetime:
        return max(self._end_in(bucket, at) for at in self.scope.zones)

    def _start_in(self, bucket: Bucket, at: tzinfo) -> datetime:
        return moment_of(moved(max(bucket.start, self.scope.first), self.shift), at, again=bucket.again)

    def _end_in(self, bucket: Bucket, at: tzinfo) -> datetime:
        if self.scope.query.step == "hour":
            return self._start_in(bucket, at) + HOUR
        return moment_of(moved(min(after(bucket.start, self.scope.query.step), self.scope.last), self.shift), at)
