"""`pulse up`: broker, topics, directory, workers, loader and API on this machine, until Ctrl-C."""

from contextlib import suppress
from pathlib import Path

import click

from deploy.demo import refuse_city
from deploy.local import System, interrupt_on_sigterm, running, say
from deploy.plan import Plan, plan_options
from producers.directory import DirectoryFileError, compare, read_directory_file
from streams.directory_topic import read_directory


@click.command()
@plan_options
@click.option(
    "--directory",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    envvar="PULSE_DIRECTORY",
    help="Directory file to publish before anything is counted; left alone where it would change what is counted.",
)
def command(plan: Plan, directory: Path | None) -> None:
    interrupt_on_sigterm()
    refuse_city(plan.data)
    with suppress(KeyboardInterrupt), running(plan, lambda system: _publish(system, directory)) as system:
        system.become_ready()
        say(f"ready: {system.http}, Kafka at {system.kafka}; Ctrl-C stops it all")
        _warn(system, directory)
        system.supervisor.watch()
    say("stopped")


def _publish(system: System, directory: Path | None) -> None:
    if directory is not None and not _changes_numbers(system, directory):
        system.run("directory", "apply", str(directory))


def _warn(system: System, directory: Path | None) -> None:
    """A start that nobody looks at must not stop the counting: it goes on with the directory that is published."""
    if directory is not None and _changes_numbers(system, directory):
        say(
            f"warning: {directory} changes what is counted, so it is not published: "
            f"`pulse directory apply --data {system.plan.data} {directory}`, then `pulse rebuild`"
        )


def _changes_numbers(system: System, directory: Path) -> bool:
    with suppress(DirectoryFileError):  # `pulse directory apply` says what is wrong in it
        return compare(read_directory(system.kafka), read_directory_file(directory)).changes_numbers
    return False
