"""`pulse verify`: works everything out again from the raw topics and compares it with the store, row by row.

Comes in: the broker, the store's tables, the directory. Goes out: a Verdict. It may run while records come in; why it
neither cries wolf nor misses a difference then, `suspects` says.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from clickhouse.queries.net_rows import Rows
from clickhouse.verify.explain import explain
from clickhouse.verify.pairs import Pair, Place, side_by_side
from clickhouse.verify.raw import TopicReader
from clickhouse.verify.records import CONTRACTS, Position, Records, dead_letters
from clickhouse.verify.reference import Reference
from clickhouse.verify.sides import TABLES, expected, found, narrowed
from clickhouse.verify.sorting import InOrder
from clickhouse.verify.suspects import Suspects
from clickhouse.verify.tables import Tables
from streams.contracts.records import Reason
from streams.contracts.topics import DEAD_LETTERS
from streams.directory import Directory
from streams.drain import Standing, drain
from streams.progress import Progress

ROUNDS = 20

Tell = Callable[[str], None]


class VerifyError(RuntimeError):
    """There can be no verdict; the message says why and what to do."""


@dataclass
class Verdict:
    """`records`: topic -> records read. `rows`: table -> keys compared, those on one side only included."""

    records: Mapping[str, int]
    refused: Counter[Reason]
    rows: Mapping[str, int]
    wrong: Sequence[Pair]
    undecided: Sequence[Pair]
    explained: Mapping[Place, Sequence[str]] = field(default_factory=dict)
    """Lines about the first of the wrong ones."""

    @property
    def good(self) -> bool:
        return not self.wrong and not self.undecided


@dataclass
class Verification:
    """What a verification asks; `within_s` bounds each wait for the flow, `explain` is how many differences are."""

    kafka: str
    tables: Tables
    directory: Callable[[], Directory | None]
    progress: Progress
    within_s: float
    tell: Tell
    explain: int = 0
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0), init=False)

    def run(self) -> Verdict:
        known = self._known_directory()
        with ExitStack() as stack:
            reference = Reference(known.entities)
            stack.callback(reference.close)
            topics = [stack.enter_context(TopicReader(self.kafka, topic)) for topic in CONTRACTS]
            records = Records(topics, reference)
            suspects = self._rounds(records, reference)
            wrong = [*self._wrong_dead_letters(records), *suspects.wrong]
            explained = {pair.place: explain(reference, pair) for pair in wrong[: self.explain]}
        if self._known_directory().digest != known.digest:
            raise VerifyError("the directory was changed meanwhile: verify again")
        return Verdict(records.counts, records.reasons(), self.rows, wrong, suspects.undecided, explained)

    def _rounds(self, records: Records, reference: Reference) -> Suspects:
        suspects = Suspects()
        self.tell("reading the raw records")
        records.read_on()
        for number in range(1, ROUNDS + 1):
            self._round(number, records, reference, suspects)
            if not suspects.undecided:
                break
            self.tell(f"round {number}: {len(suspects.undecided)} rows differ; do later records explain them?")
        return suspects

    def _round(self, number: int, records: Records, reference: Reference, suspects: Suspects) -> None:
        records.read_on()
        self._await(records.position)
        wanted = {table: [Rows(table)] for table in TABLES} if suspects.all else narrowed(suspects.undecided)
        with ExitStack() as stack:
            held = {name: stack.enter_context(found(self.tables, rows)) for name, rows in wanted.items()}
            quiet = records.up_to_date()
            self.tell(f"round {number}: working {records.counts.total()} records out and comparing")
            reference.derive()
            suspects.look(self._pairs(reference, held), quiet)

    def _pairs(self, reference: Reference, held: Mapping[str, InOrder]) -> Iterator[Pair]:
        for table, rows in held.items():
            for count, pair in enumerate(side_by_side(table, expected(reference, table), rows), 1):
                self.rows[table] = max(self.rows.get(table, 0), count)
                yield pair

    def _wrong_dead_letters(self, records: Records) -> list[Pair]:
        """Each refused record has exactly one dead letter, with its reason; no valid one has any."""
        with ExitStack() as stack:
            topic = stack.enter_context(TopicReader(self.kafka, DEAD_LETTERS.name))
            said = stack.enter_context(dead_letters(topic.read_on(), records.position, self.progress.generation))
            refused = stack.enter_context(records.refused_in_order())
            return [pair for pair in side_by_side(DEAD_LETTERS.name, refused, said) if not pair.agrees]

    def _await(self, position: Position) -> None:
        def tell(standing: Standing) -> None:
            self.tell(f"waiting for the flow to pass what was read; {standing}")

        hangs = drain(self.progress, self.within_s, tell, position)
        if hangs is not None:
            raise VerifyError(f"the flow did not get past what was read\n{hangs.explain()}")

    def _known_directory(self) -> Directory:
        known = self.directory()
        if known is None:
            raise VerifyError(
                "no directory is published, so nothing can have been counted: `pulse directory apply FILE`"
            )
        return known
