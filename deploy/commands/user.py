"""`pulse user`: who may sign in to the page, and the tokens of programs.

Asked of the server that is named; else of the process that owns the store, where one runs on DIR; else the store is
opened here.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard.access.served_desk import ServedDesk
from deploy import run
from deploy.options import data_option, database_option, server_option

if TYPE_CHECKING:
    from dashboard.access.desk import Desk

ROLES = ("provider", "admin", "viewer")
password_option = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    metavar="TEXT",
    help="10 characters or more; asked for where it is not given, which keeps it out of the list of processes.",
)


@dataclass(frozen=True)
class Where:
    """The store that knows the users."""

    data: Path
    url: str | None
    database: str


def where_option(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that say where the users are, as its argument `where`."""

    @data_option
    @server_option(without="what runs on DIR, or the embedded one in it")
    @database_option
    @wraps(command)
    def found(data: Path, url: str | None, database: str, **rest: Any) -> None:
        command(where=Where(data, url, database), **rest)

    return found


@click.group(name="user")
def command() -> None:
    """Until there is a user, only this machine is let in."""


@command.command(short_help="Let somebody sign in.")
@where_option
@click.option("--role", type=click.Choice(ROLES), required=True, help="provider sees all, the others an organisation.")
@click.option("--organisation", default="", metavar="ID", help="Whose numbers an admin or a viewer sees.")
@click.option("--service", "services", multiple=True, metavar="ID", help="A viewer sees only this; repeat for several.")
@click.option("--phones", is_flag=True, help="A viewer sees clients' phones in full.")
@password_option
@click.argument("name")
def add(
    *, where: Where, role: str, organisation: str, services: tuple[str, ...], phones: bool, password: str, name: str
) -> None:
    """Let NAME sign in with a password."""
    with _desk(where) as desk:
        desk.add(name, password, role, organisation, services, phones=phones)
    click.echo(f"{name} may sign in")


@command.command("list", short_help="Who may sign in, and what each sees.")
@where_option
def list_(where: Where) -> None:
    """One line for each: name, role, organisation, services, whether phones are shown."""
    with _desk(where) as desk:
        for user in desk.users():
            services = ",".join(user["services"]) or "*"
            phones = "phones" if user["phones"] else "no phones"
            click.echo(f"{user['name']}\t{user['role']}\t{user['organisation'] or '*'}\t{services}\t{phones}")


@command.command(short_help="Take somebody's sign-in away.")
@where_option
@click.argument("name")
def remove(where: Where, name: str) -> None:
    """Take NAME away, with all sessions and tokens."""
    with _desk(where) as desk:
        desk.remove(name)
    click.echo(f"{name} is removed")


@command.command(short_help="Give somebody a new password.")
@where_option
@password_option
@click.argument("name")
def password(where: Where, password: str, name: str) -> None:
    """Give NAME a new password; whoever is signed in as NAME is signed out."""
    with _desk(where) as desk:
        desk.set_password(name, password)
    click.echo(f"{name} has a new password")


@command.group(short_help="Bearer tokens for programs.")
def token() -> None:
    """Bearer tokens: a program that sends one sees what its user sees."""


@token.command("add", short_help="Make a token; it is shown once.")
@where_option
@click.option("--label", default="", metavar="TEXT", help="What it is for.")
@click.argument("name")
def token_add(where: Where, label: str, name: str) -> None:
    """Make a token of NAME and print it; it is stored nowhere."""
    with _desk(where) as desk:
        click.echo(desk.make_token(name, label)["secret"])


@token.command("list", short_help="Somebody's tokens, without the secrets.")
@where_option
@click.argument("name")
def token_list(where: Where, name: str) -> None:
    """One line for each: id, when it was made, what it is for."""
    with _desk(where) as desk:
        for one in desk.tokens(name):
            made = datetime.fromtimestamp(one["made_at"] / 1_000, UTC)
            click.echo(f"{one['id']}\t{made:%Y-%m-%dT%H:%M:%SZ}\t{one['label']}")


@token.command("revoke", short_help="End a token.")
@where_option
@click.argument("name")
@click.argument("id")
def token_revoke(where: Where, name: str, id: str) -> None:  # noqa: A002 - as `list` shows it
    """End the token ID of NAME."""
    with _desk(where) as desk:
        desk.revoke_token(name, id)
    click.echo(f"token {id} is revoked")


@contextmanager
def _desk(where: Where) -> Iterator["Desk"]:
    running = run.read(where.data)
    if not where.url and running is not None and running.http and running.token:
        with closing(ServedDesk(running.http, running.token)) as served:
            yield served
        return
    from dashboard.access.desk import desk_at, desk_of  # noqa: PLC0415  (the engine takes a second to import)

    with desk_at(where.url, where.database) if where.url else desk_of(where.data / "clickhouse") as desk:
        yield desk
