"""The separate calculation over a handful of records at once."""

from collections.abc import Iterable
from typing import NamedTuple

from clickhouse.verify.reference import Reference
from clickhouse.verify.winners import Read
from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.records import Record


class Facts(NamedTuple):
    """All net facts, for what fits into memory."""

    calls: list[CallFact]
    orders: list[OrderFact]


def net_facts(records: Iterable[Record], entities: Entities) -> Facts:
    reference = Reference(entities)
    reference.take(map(Read, records))
    reference.derive()
    facts = Facts(list(reference.call_facts()), list(reference.order_facts()))
    reference.close()
    return facts
