"""`pulse broker start|stop`: the local Apache Kafka alone, in the background."""

from pathlib import Path

import click
import psutil

from deploy import run
from deploy.broker import FOLDER, LocalBroker
from deploy.local import interrupt_on_sigterm, lock
from deploy.options import data_option, kafka_port_option

STOP_WITHIN_S = 20.0
USERS = {"up": "`pulse up` or `demo`", "serve": "`pulse serve` or `dashboard`"}


@click.group()
def command() -> None: ...


@command.command(short_help="Start it in the background; other commands with the same --data find it.")
@data_option
@kafka_port_option
def start(data: Path, kafka: int) -> None:
    """Start the broker in the background. It keeps its data in DIR/kafka."""
    interrupt_on_sigterm()
    data.mkdir(parents=True, exist_ok=True)
    broker = LocalBroker(data / FOLDER, kafka)
    with lock(data) as held:
        broker.start(keep_open=(held,))
        run.write(data, run.Run(broker.pid, broker.address, state="ready", kind="broker"))
    click.echo(f"Kafka at {broker.address}, pid {broker.pid}")


@command.command(short_help="Stop what `broker start` started.")
@data_option
def stop(data: Path) -> None:
    """Stop the broker that `pulse broker start` started on DIR."""
    found = run.read(data)
    if found is None:
        click.echo(f"no broker runs on {data}")
        return
    if found.kind != "broker":
        raise click.ClickException(
            f"{data} is in use by {USERS[found.kind]}, pid {found.pid}: stop it there with Ctrl-C"
        )
    process = psutil.Process(found.pid)
    process.terminate()
    if psutil.wait_procs([process], timeout=STOP_WITHIN_S)[1]:
        process.kill()
    (data / run.FILE).unlink(missing_ok=True)
    click.echo("stopped")
