"""Raw messages in, the records that their contract accepts out; all others are refused, with the contract's reason."""

from collections.abc import Iterator, Sequence

from streams.chunks import Message, Outputs
from streams.contracts.records import R, Refused, read


def accepted(contract: type[R], messages: Sequence[Message], outputs: Outputs) -> Iterator[R]:
    for message in messages:
        try:
            record = read(contract, message.key, message.value)
        except Refused as refused:
            outputs.refuse(message, refused.reason, refused.error)
        else:
            yield record
