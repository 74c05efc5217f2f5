"""`pulse up`: broker, topics, directory, workers, loader and API on this machine, until Ctrl-C."""

from contextlib import suppress
from pathlib import Path

import click

from deploy.local import interrupt_on_sigterm, running, say
from deploy.plan import Plan, plan_options


@click.command()
@plan_options
@click.option(
    "--directory",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="PULSE_DIRECTORY",
    help="Directory file to publish before anything is counted.",
)
def command(plan: Plan, directory: Path | None) -> None:
    interrupt_on_sigterm()
    with suppress(KeyboardInterrupt), running(plan) as system:
        if directory is not None:
            system.run("directory", "apply", "--yes", str(directory))
        system.become_ready()
        say(f"ready: {system.http}, Kafka at {system.kafka}; Ctrl-C stops it all")
        system.supervisor.watch()
    say("stopped")
