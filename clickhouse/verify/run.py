"""`pulse verify`: works everything out again from the raw topics and compares it with the store, row by row.

Comes in: the broker, the store's tables, the directory. Goes out: a Verdict. It may run while records come in; why it
neither cries wolf nor misses a difference then, `suspects` says.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from clickhouse.verify.pairs import Pair, side_by_side
from clickhouse.verify.raw import TopicReader
from clickhouse.verify.records import Records, dead_letters
from clickhouse.verify.reference import Reference
from clickhouse.verify.rollups import STARTS, keys, rollup
from clickhouse.verify.sorting import InOrder, Row
from clickhouse.verify.suspects import Suspects
from clickhouse.verify.tables import Tables
from streams.contracts.records import Reason
from streams.contracts.topics import CALL_RECORDS, DEAD_LETTERS
from streams.directory import Directory
from streams.drain import Standing, drain
from streams.progress import Progress

FACTS = "call_facts"
TABLES = (FACTS, *STARTS)
ROUNDS = 20

Tell = Callable[[str], None]


class VerifyError(RuntimeError):
    """There can be no verdict; the message says why and what to do."""


@dataclass
class Verdict:
    """`rows`: table -> keys compared, those on one side only included."""

    records: int
    refused: Counter[Reason]
    rows: dict[str, int]
    wrong: list[Pair]
    undecided: list[Pair]

    @property
    def good(self) -> bool:
        return not self.wrong and not self.undecided


@dataclass
class Verification:
    """What a verification asks; `within_s` bounds each wait for the flow."""

    kafka: str
    tables: Tables
    directory: Callable[[], Directory | None]
    progress: Progress
    within_s: float
    tell: Tell
    rows: dict[str, int] = field(default_factory=dict, init=False)

    def run(self) -> Verdict:
        known = self._known_directory()
        reference = Reference(known.entities)
        with ExitStack() as stack:
            stack.callback(reference.close)
            records = Records(stack.enter_context(TopicReader(self.kafka, CALL_RECORDS.name)), reference)
            suspects = self._rounds(records, reference)
            verdict = Verdict(
                records.count,
                records.reasons(),
                self.rows,
                [*self._wrong_dead_letters(records), *suspects.wrong],
                suspects.undecided,
            )
        if self._known_directory().digest != known.digest:
            raise VerifyError("the directory was changed meanwhile: verify again")
        return verdict

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
        with ExitStack() as stack:
            held = {name: stack.enter_context(InOrder(keyed(self.tables.rows(name), name))) for name in TABLES}
            quiet = records.up_to_date()
            self.tell(f"round {number}: working {records.count} records out and comparing")
            reference.derive()
            suspects.look(self._pairs(reference, held), quiet)

    def _pairs(self, reference: Reference, held: Mapping[str, InOrder]) -> Iterator[Pair]:
        for table, found in held.items():
            expected = _fact_rows(reference) if table == FACTS else rollup(reference.facts(), table)
            self.rows[table] = 0
            for pair in side_by_side(table, expected, found):
                self.rows[table] += 1
                yield pair

    def _wrong_dead_letters(self, records: Records) -> list[Pair]:
        """Each refused record has exactly one dead letter, with its reason; no valid one has any."""
        with ExitStack() as stack:
            topic = stack.enter_context(TopicReader(self.kafka, DEAD_LETTERS.name))
            found = stack.enter_context(dead_letters(topic.read_on(), records.position))
            expected = stack.enter_context(records.refused_in_order())
            return [pair for pair in side_by_side(DEAD_LETTERS.name, expected, found) if not pair.agrees]

    def _await(self, position: Mapping[int, int]) -> None:
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


def keyed(rows: Iterable[dict[str, Any]], table: str) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Rows of the store as (key, the rest)."""
    key = ("server", "id") if table == FACTS else keys(table)
    for row in rows:
        yield [row[name] for name in key], {name: value for name, value in row.items() if name not in key}


def _fact_rows(reference: Reference) -> Iterator[Row]:
    """Each fact stands exactly once: the net sign of its row is 1."""
    with InOrder(keyed(({**fact, "sign": 1} for fact in reference.facts()), FACTS)) as rows:
        yield from rows
