"""`pulse directory check|apply FILE`: who works for whom and on which line, checked and published."""

import sys
from pathlib import Path

import click

from deploy.options import data_option, kafka_option
from producers.directory import Changes, DirectoryFileError, compare, publish, read_directory_file
from streams.contracts.directory import Entities
from streams.directory_topic import DirectoryError, read_directory

SHOWN = 20
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def command() -> None: ...


@command.command(short_help="Say whether a file is a good directory, and what it holds.")
@file_argument
def check(file: Path) -> None:
    """Read a directory file and name everything that is wrong in it, line by line. Publishes nothing."""
    click.echo(f"{file}: good; {_contents(_read(file))}")


@command.command(short_help="Publish a file, as far as it differs from what is published.")
@data_option
@kafka_option
@click.option("--yes", is_flag=True, help="Publish without asking, also where numbers may change.")
@file_argument
def apply(data: Path, kafka: str, yes: bool, file: Path) -> None:  # noqa: ARG001
    """Publish a directory file. What is in it already is left alone; applying the same file again publishes nothing."""
    entities = _read(file)
    try:
        changes = compare(read_directory(kafka), entities)
        if changes.nothing:
            click.echo(f"version {changes.version} is published already; nothing to do")
            return
        _show(changes)
        _ask(changes, yes)
        click.echo(f"version {publish(kafka, changes)} published")
        if changes.changes_numbers:
            click.echo(
                "it changes what is counted: workers wait from now on, run `pulse rebuild` to count everything anew"
            )
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error


def _read(file: Path) -> Entities:
    try:
        return read_directory_file(file)
    except DirectoryFileError as error:
        for line in str(error).splitlines():
            click.echo(line, err=True)
        count = len(error.lines)
        raise click.ClickException(f"{file} has {count} problem{'s' * (count != 1)}; nothing was published") from error


def _contents(entities: Entities) -> str:
    fields = type(entities).model_fields
    return ", ".join(f"{len(getattr(entities, name))} {name}" for name in fields)


def _show(changes: Changes) -> None:
    lines = [
        *(f"+ {key}" for key in changes.added),
        *(f"~ {key}" for key in changes.changed),
        *(f"- {key}" for key in changes.removed),
    ]
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  ... and {len(lines) - SHOWN} more")
    click.echo(f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.removed)} removed")


def _ask(changes: Changes, yes: bool) -> None:
    """A first directory, and one that only renames, can do no harm to a script that applies it."""
    if yes or changes.former is None:
        return
    if sys.stdin.isatty():
        click.confirm(f"Publish version {changes.version}?", abort=True)
    elif changes.changes_numbers:
        raise click.ClickException(
            "this changes what is counted, and nobody is here to be asked: look at the changes above and give --yes"
        )
