"""`pulse dead-letters list|show|replay`: what was refused and why, and the way back once it is put right."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from deploy.options import data_option, kafka_option
from producers.replay import Replay, rehearse, sending
from producers.replay import replay as send_back
from streams.contracts.records import Refused
from streams.contracts.topics import CALL_RECORDS
from streams.dead_letters import Letter, letter_at, read_letters, read_replayed

FIRST_BYTES = 200
FIRST_CHARACTERS = 100
NEWLINE = b"\n"


@click.group()
def command() -> None: ...


def _filters(function: Callable[..., None]) -> Callable[..., None]:
    by_reason = click.option("--reason", multiple=True, help="Only those refused for this reason (repeat).")
    by_topic = click.option(
        "--topic",
        multiple=True,
        metavar="TOPIC",
        help=f"Only those from this topic, like {CALL_RECORDS.name} (repeat).",
    )
    return by_reason(by_topic(function))


def _chosen(letter: Letter, reason: tuple[str, ...], topic: tuple[str, ...]) -> bool:
    return (not reason or letter.reason in reason) and (not topic or letter.source_topic in topic)


@command.command("list", short_help="How many by reason and topic, and the newest of them.")
@data_option
@kafka_option
@_filters
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, help="How many of the newest to show.")
def list_letters(data: Path, kafka: str, reason: tuple[str, ...], topic: tuple[str, ...], limit: int) -> None:  # noqa: ARG001
    """Count the dead letters by reason and topic, with an example of each, and show the newest, the last one first."""
    counts: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], Letter] = {}
    newest: deque[Letter] = deque(maxlen=limit)
    for letter in read_letters(kafka):
        if _chosen(letter, reason, topic):
            counts[letter.reason, letter.source_topic] += 1
            newest.append(replace(letter, value=letter.value and letter.value[:FIRST_BYTES]))
            last[letter.reason, letter.source_topic] = replace(letter, value=None)
    replayed = read_replayed(kafka)
    click.echo(f"{counts.total()} dead letters")
    for (why, source), count in counts.most_common():
        click.echo(f"  {count:>8}  {printable(why)}  {printable(source)}{_like(last[why, source])}")
    for letter in reversed(newest):
        click.echo(_short(letter, replayed.get(letter.offset)))


def _like(letter: Letter) -> str:
    """With hundreds of one kind, what an operator wants to know next."""
    error = printable(letter.headers.get("error", ""))[:FIRST_CHARACTERS]
    return f"; the last, at offset {letter.offset}: {error}"


def _short(letter: Letter, replayed_at: str | None) -> str:
    told = {name: printable(text) for name, text in letter.headers.items()}
    back = f", replayed {replayed_at}" if replayed_at else ""
    return (
        f"\noffset {letter.offset}: {told.get('reason', '')}, from {_source(told)}, {told.get('at', '')}{back}\n"
        f"  {told.get('error', '')}\n  {printable(letter.value)[:FIRST_CHARACTERS]}"
    )


def _source(told: dict[str, str]) -> str:
    """`<topic>/<partition>/<offset>`; of a line that never was in its topic, file and line."""
    place = told.get("source_offset", "")
    if "file" in told:
        return f"{told['file']}:{place} for {told.get('source_topic', '')}"
    return f"{told.get('source_topic', '')}/{told.get('source_partition', '')}/{place}"


@command.command(short_help="One letter: its headers and its bytes.")
@data_option
@kafka_option
@click.option("--raw", is_flag=True, help="The bytes alone and as they are, to put them right in a file.")
@click.argument("offset", type=click.IntRange(min=0))
def show(data: Path, kafka: str, raw: bool, offset: int) -> None:  # noqa: ARG001
    """Show the letter at OFFSET: its headers, and key and bytes with what cannot be printed escaped."""
    letter = letter_at(kafka, offset)
    if raw:
        click.get_binary_stream("stdout").write(letter.value or b"")
        return
    for name, text in letter.headers.items():
        click.echo(f"{name}: {printable(text)}")
    if offset in (replayed := read_replayed(kafka)):
        click.echo(f"replayed: {replayed[offset]}")
    click.echo(f"key: {'(none)' if letter.key is None else printable(letter.key)}")
    size = "no value" if letter.value is None else f"{len(letter.value)} bytes"
    click.echo(f"{size}:\n{printable(letter.value)}")


def printable(text: str | bytes | None) -> str:
    """On one line, without anything that a terminal would obey."""
    decoded = text.decode(errors="backslashreplace") if isinstance(text, bytes) else text or ""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in decoded)


@command.command(short_help="Send back what is good now; each letter once.")
@data_option
@kafka_option
@_filters
@click.option("--offset", type=click.IntRange(min=0), multiple=True, help="Only the letter at this offset (repeat).")
@click.option(
    "--file",
    type=click.File("rb"),
    help="The bytes of the one --offset, put right by hand; - is standard input.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
def replay(
    data: Path,  # noqa: ARG001
    kafka: str,
    reason: tuple[str, ...],
    topic: tuple[str, ...],
    offset: tuple[int, ...],
    file: Any,
    dry_run: bool,
) -> None:
    """Send letters that would not be refused any more back to the topic that they came from, as they are.

    Each goes back once, however often this is run and wherever it is killed. What would be refused again is counted and
    left. `pulse dead-letters show --raw 12 > 12.json`, an editor and `replay --offset 12 --file 12.json` repair one.
    """
    if file is not None and len(offset) != 1:
        raise click.UsageError("--file takes the place of one letter: name it by --offset")
    letters: Iterable[Letter] = (each for each in _named(kafka, offset) if _chosen(each, reason, topic))
    if file is not None:
        letters = [_repaired(each, file.read()) for each in letters]
    told = rehearse(kafka, letters) if dry_run else send_back(kafka, letters, lambda: datetime.now(UTC))
    _tell(told, "would be sent" if dry_run else "sent")


def _named(kafka: str, offsets: tuple[int, ...]) -> Iterator[Letter]:
    if not offsets:
        return read_letters(kafka)
    return (letter_at(kafka, offset) for offset in sorted(set(offsets)))


def _repaired(letter: Letter, value: bytes) -> Letter:
    """Editors end a file with a newline. A repair that would be refused is the reader's error, so it ends here."""
    repaired = replace(letter, value=value.removesuffix(NEWLINE))
    try:
        sending(repaired)
    except Refused as refusal:
        raise click.ClickException(f"it would be refused again: {refusal}") from refusal
    return repaired


def _tell(told: Replay, verb: str) -> None:
    click.echo(f"{told.sent.total()} {verb}" + "".join(f"; {count} to {topic}" for topic, count in told.sent.items()))
    if told.before:
        click.echo(f"{told.before} left, they were replayed before")
    for (reason, topic), count in told.refused.most_common():
        click.echo(f"{count} left, they would be refused again: {reason}, {printable(topic)}")
