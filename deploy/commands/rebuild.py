"""`pulse rebuild`: derive everything again from the raw topics and the newest directory, and swap it in."""

from pathlib import Path

import click

from deploy.local import PULSE, interrupt_on_sigterm
from deploy.options import cluster_option, data_option, database_option, kafka_option, server_option
from deploy.supervisor import Supervisor
from deploy.telling import Teller


@click.command()
@data_option
@kafka_option
@server_option()
@database_option
@cluster_option
@click.option("--verify", is_flag=True, help="Verify the new generation, and swap it in only if nothing differs.")
@click.option(
    "--keep",
    is_flag=True,
    help="Leave the former generation's topics and tables. A rebuild without it removes all that were left.",
)
def command(data: Path, kafka: str, url: str | None, database: str, cluster: str, *, verify: bool, keep: bool) -> None:
    """To be run after a change of directory, thresholds or definitions; what comes of it is swapped in.

    What is read goes on being read until the swap, which leaves no gap. Killed at any moment it goes on when it is run
    again. More hands: `pulse stream --generation N` beside it.
    """
    from deploy.rebuild import Asked, Rebuild  # noqa: PLC0415  (the engine takes a second to import)
    from deploy.schema import LeftToItsOwner, OfServer  # noqa: PLC0415

    interrupt_on_sigterm()
    teller = Teller()

    def say(text: str) -> None:
        teller.end()
        click.echo(text)

    def pulse(*arguments: str) -> list[str]:
        return [PULSE, *arguments, "--data", str(data), "--kafka", kafka]

    schema = OfServer(url, database, cluster) if url else LeftToItsOwner()
    supervisor = Supervisor(data / "logs", say)
    Rebuild(Asked(kafka, data, verify, keep), schema, supervisor, pulse, say, teller).run()
    say("rebuilt")
