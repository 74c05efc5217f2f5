"""`pulse serve`: loader and API in one process, the one that owns DIR/clickhouse."""

import logging
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import click

from deploy import run
from deploy.options import data_option, host_option, http_port_option, kafka_option
from deploy.ports import is_free

LINE = "%(asctime)s %(levelname)s %(name)s: %(request)s%(message)s"


@click.command()
@data_option
@kafka_option
@host_option
@http_port_option
def command(data: Path, kafka: str, host: str, http: int) -> None:
    """Ends with 0 on SIGTERM or SIGINT; with 1 when a part of it failed, with the reason."""
    run_until_told(data, kafka, host, http)


def run_until_told(data: Path, kafka: str, host: str, http: int, **server: str) -> None:
    """Also for `pulse dashboard`, which has a `server` and its `database`."""
    from clickhouse.engine import EngineError  # noqa: PLC0415  (the engine takes a second to import)
    from clickhouse.migrate import MigrationError  # noqa: PLC0415
    from dashboard.requests import WithRequest  # noqa: PLC0415
    from dashboard.serve import ServeError, ServeSettings, serve  # noqa: PLC0415

    handler = logging.StreamHandler()
    handler.addFilter(WithRequest())
    logging.basicConfig(level=logging.INFO, format=LINE, handlers=[handler])
    logging.getLogger("kafka").setLevel(logging.WARNING)
    token = secrets.token_urlsafe(32)
    settings = ServeSettings(kafka, data / "clickhouse", host, http, token, **server)
    try:
        serve(settings, lambda address: _announce(data, kafka, address, token))
    except (EngineError, MigrationError, ServeError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        _withdraw(data, token)


def _announce(data: Path, kafka: str, address: str, token: str) -> None:
    """Into the run.json of the `up`, `demo` or `broker start` that runs here; else into one of our own."""
    found = run.read(data)
    if found is None:
        run.write(data, run.Run(os.getpid(), kafka, address, "ready", token, "serve"))
    elif found.http is None or found.http == address or _is_left_over(found.kind, found.http):
        run.change(data, http=address, token=token)
    else:
        raise click.ClickException(
            f"{found.http} (pid {found.pid}) serves {data} already: stop it, or choose another --data"
        )
    click.echo(f"API at {address}")


def _is_left_over(kind: run.Kind, http: str) -> bool:
    """By a `serve` that was killed beside a broker. An `up` has an address of its own before its `serve` listens."""
    there = urlsplit(http)
    return kind == "broker" and is_free(there.port or 80, there.hostname or "")


def _withdraw(data: Path, token: str) -> None:
    """Only what we have announced. An `up` keeps its address, at which it starts `serve` again."""
    found = run.read(data)
    if found is None or found.token != token:
        return
    if found.pid == os.getpid():
        run.remove(data)
    else:
        run.change(data, token=None, http=found.http if found.kind == "up" else None)
