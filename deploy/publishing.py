"""Writes the record of `generations`: one rebuild at a time.

Comes in: a `Generations`. Goes out: it is published, or somebody else's rebuild has taken over and an error says so.
"""

from producers.transaction import TransactionError, Transactions
from streams.contracts.generations import GENERATIONS_KEY, Generations
from streams.contracts.topics import GENERATIONS

TRANSACTIONAL_ID = "pulse-rebuild"


class PublishError(RuntimeError):
    """The generations were not published, or nobody knows; the message says which, why and what to do."""


class GenerationsWriter:
    """Opening it fences every other one, so whoever runs `pulse rebuild` last is the one that goes on."""

    def __init__(self, kafka: str) -> None:
        try:
            self._transactions = Transactions(kafka, TRANSACTIONAL_ID)
        except TransactionError as error:
            raise PublishError(_said(error)) from error

    def write(self, generations: Generations) -> None:
        try:
            with self._transactions.transaction() as send:
                send(GENERATIONS.name, GENERATIONS_KEY, generations.model_dump_json().encode())
        except TransactionError as error:
            raise PublishError(_said(error)) from error

    def close(self) -> None:
        self._transactions.close()


def _said(error: TransactionError) -> str:
    if error.overtaken:
        return "another `pulse rebuild` was started meanwhile and goes on with the work"
    if error.perhaps:
        return f"generations were perhaps published: {error}; run `pulse rebuild` again, it goes on from what is there"
    return f"generations could not be published: {error}; run `pulse rebuild` again"
