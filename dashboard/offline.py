"""A time series, or the list behind it, from the folder of a store that nobody serves: Kafka is not asked.

Comes in: the folder, raw parameters. Goes out: the same answer as the API's, complete up to the newest record in the
store, because nobody can say what is still on its way.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from clickhouse.engine import open_embedded
from clickhouse.families import FAMILIES
from clickhouse.metrics.metric import ListName
from clickhouse.migrate import current_generation
from clickhouse.queries.answer import Timeseries
from clickhouse.queries.lists import Page, rows_behind
from clickhouse.queries.parse import Raw
from clickhouse.queries.run import Store
from clickhouse.queries.stored import stored_directory
from clickhouse.queries.tenant import PROVIDER
from clickhouse.queries.timeseries import timeseries
from streams.contracts.times import instant


def timeseries_offline(folder: Path, raw: Raw) -> Timeseries:
    """Raises BadParameter, and EngineError where another process has the folder."""
    with _opened(folder) as store:
        return timeseries(store, stored_directory(store.client), raw, instant(_newest(store)))


def list_offline(folder: Path, name: ListName, raw: Raw) -> Page:
    """Raises BadParameter, and EngineError where another process has the folder."""
    with _opened(folder) as store:
        return rows_behind(name, store, stored_directory(store.client), raw, instant(_newest(store)))


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    with open_embedded(folder) as engine, closing(engine.reader()) as client:
        yield Store(client, current_generation(client), PROVIDER)


def _newest(store: Store) -> int:
    sql = "SELECT max(toUnixTimestamp64Milli(t.observed_at)) FROM {table:Identifier} AS t"
    tables = ({"table": f"{family.facts}_g{store.generation}"} for family in FAMILIES)
    return max(int(store.client.query(sql, parameters=table).result_rows[0][0]) for table in tables)
