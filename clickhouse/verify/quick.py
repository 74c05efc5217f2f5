"""`pulse verify --quick`: every rollup row against the plain sum of the facts in the store; no raw record is read.

Comes in: the store's tables. Goes out: a Verdict. Facts and rollups are read one after the other, so a row that differs
is looked at again until it agrees, or is the same on both sides twice running.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import orjson

from clickhouse.families import FAMILIES, Family
from clickhouse.queries.net_rows import Rows
from clickhouse.verify.pairs import Pair, side_by_side
from clickhouse.verify.rollups import Fact, rollup
from clickhouse.verify.run import ROUNDS, Tell, Verdict
from clickhouse.verify.sides import found
from clickhouse.verify.sorting import InOrder
from clickhouse.verify.suspects import Suspects
from clickhouse.verify.tables import Tables

Organisations = list[str | None]
"""Of which rows; None stands for all."""


def verify_rollups(tables: Tables, tell: Tell) -> Verdict:
    suspects = Suspects()
    rows: Counter[str] = Counter()
    for number in range(1, ROUNDS + 1):
        tell(f"round {number}: reading facts and rollups")
        whose: Organisations = [None] if suspects.all else _organisations(suspects.undecided)
        counts: Counter[str] = Counter()
        suspects.look(_pairs(tables, whose, counts), quiet=False)
        rows |= counts
        if not suspects.undecided:
            break
    return Verdict({}, Counter(), rows, suspects.wrong, suspects.undecided)


def _organisations(pairs: list[Pair]) -> Organisations:
    """The first part of every key."""
    return sorted({orjson.loads(pair.key)[0] for pair in pairs})


def _pairs(tables: Tables, whose: Organisations, counts: Counter[str]) -> Iterator[Pair]:
    for family in FAMILIES:
        with ExitStack() as stack:
            facts = stack.enter_context(_facts(tables, family, whose))
            for table in family.starts:
                held = stack.enter_context(found(tables, [Rows(table, organisation) for organisation in whose]))
                for pair in side_by_side(table, rollup(_read(facts), table), held):
                    counts[table] += 1
                    yield pair


def _facts(tables: Tables, family: Family, whose: Organisations) -> InOrder:
    of = [Rows(family.facts, organisation) for organisation in whose]
    return InOrder((fact["id"], fact) for rows in of for fact in tables.rows(rows))


def _read(facts: InOrder) -> Iterator[Fact]:
    return (orjson.loads(fact) for _, fact in facts)
