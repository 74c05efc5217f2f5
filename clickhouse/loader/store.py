"""The store's side: a batch goes in under its token and before its deadline, or an error says which of three it is.

Comes in: batches. Goes out: rows in the fact table and, through its views, in every rollup; in all or, until it is
asked again with the same token, possibly in some.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DataError
from clickhouse_connect.driver.insert import InsertContext
from clickhouse_connect.driver.transform import NativeTransform

from clickhouse.errors import StoreError, sorted_out
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.mapping import FactsMapping


class FactStore:
    """One fact table; the client is its own, for clients are serial."""

    def __init__(self, client: Client, mapping: FactsMapping, generation: int, topic_id: str) -> None:
        self.client = client
        self.mapping = mapping
        self.table = mapping.tables(generation)[0]
        self.topic_id = topic_id

    def clock_ms(self) -> int:
        """The store's own clock: deadlines are checked against it, whatever ours says."""
        try:
            now: int = self.client.query("SELECT toUnixTimestamp64Milli(now64(3))").result_rows[0][0]
        except Exception as error:
            raise sorted_out(error) from error
        return now

    def insert(self, batch: Batch, insert_by_ms: int) -> None:
        """Twice is no more than once; raises StoreAwayError, TooLateError or LoaderError."""
        context = self._context(self._columns(batch, insert_by_ms), batch.token(self.topic_id))
        try:
            self.client.data_insert(context)
        except DataError as error:
            raise LoaderError(self._unfit(batch, insert_by_ms, error)) from error
        except Exception as error:
            raise self._explained(sorted_out(error), batch) from error

    def _columns(self, batch: Batch, insert_by_ms: int) -> list[Sequence[Any]]:
        rows = len(batch.entries)
        try:
            values = self.mapping.values([entry.fact for entry in batch.entries])
        except KeyError as error:
            lacking = next(entry for entry in batch.entries if error.args[0] not in entry.fact)
            raise LoaderError(self._at(batch, lacking, f"it has no field {error}")) from error
        offsets = [entry.offset for entry in batch.entries]
        return [*values, [batch.partition] * rows, offsets, [insert_by_ms] * rows]

    def holds_partition(self, partition: int) -> bool:
        """Whether any row came from there."""
        sql = f"SELECT 1 FROM {self.table} WHERE _partition = {{partition:UInt16}} LIMIT 1"  # noqa: S608 - our table
        try:
            return bool(self.client.query(sql, parameters={"partition": partition}).result_rows)
        except Exception as error:
            raise sorted_out(error) from error

    def _context(self, columns: list[Sequence[Any]], token: str) -> InsertContext:
        return self.client.create_insert_context(
            self.table,
            self.mapping.columns,
            column_types=self._types,
            column_oriented=True,
            settings={"insert_deduplication_token": token},
            data=columns,
        )

    @cached_property
    def _types(self) -> Sequence[Any]:
        return self.client.create_insert_context(self.table, self.mapping.columns).column_types

    def _unfit(self, batch: Batch, insert_by_ms: int, error: DataError) -> str:
        """Which row the columns do not take: each is packed by itself."""
        for entry in batch.entries:
            alone = Batch(batch.partition, entry.offset, entry.offset, [entry])
            context = self._context(self._columns(alone, insert_by_ms), "")
            for _ in NativeTransform.build_insert(context):
                if context.insert_exception is not None:
                    return self._at(batch, entry, str(context.insert_exception))
        return f"{self.table} does not take {batch}: {error}"

    def _at(self, batch: Batch, entry: Entry, why: str) -> str:
        topic = self.mapping.topic.name
        return (
            f"{self.table} cannot take the row at offset {entry.offset} of partition {batch.partition} of {topic}: "
            f"{why}. The row: {dict(entry.fact)}"
        )

    def _explained(self, error: Exception, batch: Batch) -> Exception:
        if not isinstance(error, StoreError):
            return error
        first = dict(batch.entries[0].fact)
        return LoaderError(
            f"{self.table} refuses {batch}: {error}. The first of its {len(batch.entries)} rows: {first}"
        )
