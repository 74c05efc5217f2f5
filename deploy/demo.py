"""The demo's city: which one a data folder holds, its directory and history into the flow, and the first report.

Comes in: a running system and what was asked for. Goes out: records in the raw topics and tables on the terminal. A
folder keeps the city it began with, so a demo can be started again on it and goes on where it was.
"""

import json
import secrets
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from dashboard.access.served_desk import ServedDesk
from deploy import broker, run
from deploy.local import CONSOLE, System, say
from deploy.overview import COLUMNS, by_gateway
from deploy.supervisor import StartError

FILE = "demo.json"
LIVE_SPEED = "60"


@dataclass(frozen=True)
class Asked:
    seed: int
    days: int
    start: date | None = None


@dataclass(frozen=True)
class City:
    seed: int
    days: int
    start: str
    sent: bool = False
    """Its whole history is in the raw topics."""

    @property
    def options(self) -> tuple[str, ...]:
        """As `pulse produce simulate` takes them."""
        return ("--seed", str(self.seed), "--days", str(self.days), "--start", self.start)

    @property
    def end(self) -> str:
        """The day after the last, in every zone."""
        return (date.fromisoformat(self.start) + timedelta(days=self.days + 1)).isoformat()


def city_of(data: Path, asked: Asked, today: date) -> City:
    """The one that the folder holds, if it is the one asked for; in a new folder that one."""
    start = asked.start or today - timedelta(days=asked.days)
    wanted = City(asked.seed, asked.days, start.isoformat())
    if not (data / broker.FOLDER).exists():
        return wanted  # nothing has come of what may have been begun there
    try:
        held = City(**json.loads((data / FILE).read_text()))
    except FileNotFoundError as error:
        raise StartError(f"{data} holds records that are not the demo's: choose another --data") from error
    except (ValueError, TypeError) as error:
        raise StartError(f"{data / FILE} does not say which city {data} holds: choose another --data") from error
    if (held.seed, held.days) != (asked.seed, asked.days) or (asked.start and held.start != wanted.start):
        raise StartError(
            f"{data} holds another city (--seed {held.seed} --days {held.days} --start {held.start}): "
            f"ask for that one, or give this one a folder of its own: --data {data}-{asked.seed}"
        )
    return held


def refuse_city(data: Path) -> None:
    """Own records beside the invented ones would be counted together."""
    if (data / FILE).exists() and (data / broker.FOLDER).exists():
        raise StartError(
            f"{data} holds the demo's invented city: choose another --data for records of your own, or go on with the "
            f"demo (`pulse demo --data {data}`). If yours are in it all the same, remove {data / FILE}"
        )


def begin(data: Path, city: City) -> None:
    """Before anything else is in the folder: what is begun and killed is still the demo's."""
    if not (data / broker.FOLDER).exists():
        data.mkdir(parents=True, exist_ok=True)
        remember(data, city)


def show_history(system: System, city: City) -> None:
    """From the directory to the report. A history that was cut off is sent again: a record counts once."""
    directory = system.plan.data / "directory.yaml"
    system.run("produce", "simulate", *city.options, "--write-directory", str(directory))
    system.run("directory", "apply", "--yes", str(directory))
    if not city.sent:
        system.run("produce", "simulate", *city.options)
        remember(system.plan.data, replace(city, sent=True))
    system.become_ready()
    system.run("drain")
    _report(system, city)


def remember(data: Path, city: City) -> None:
    run.put(data / FILE, asdict(city))


def live(system: System, city: City) -> None:
    """What follows the history: a minute of the city's in a second of ours, until it is as late there as here."""
    command = system.pulse("produce", "simulate", *city.options, "--live", "--speed", LIVE_SPEED)
    system.supervisor.start("feed", command)
    say(f"live: {system.http} is the chart, Kafka at {system.kafka}; Ctrl-C stops it all")
    for name, password in sign_ins(system).items():
        say(f"sign in as {name:<12} {password}")
    system.supervisor.watch()


def sign_ins(system: System) -> dict[str, str]:
    """Name -> password: a provider, and an admin of each organisation; each start gives them new passwords."""
    running = run.read(system.plan.data)
    if running is None or not running.http or not running.token:
        raise StartError("`pulse serve` has ended; its log says why")
    organisations = yaml.safe_load((system.plan.data / "directory.yaml").read_text())["organisations"]
    wanted = {"provider": "", **{f"admin-{one['id']}": one["id"] for one in organisations}}
    passwords = {name: secrets.token_urlsafe(9) for name in wanted}
    with closing(ServedDesk(running.http, running.token)) as desk:
        there = {user["name"] for user in desk.users()}
        for name, organisation in wanted.items():
            if name in there:
                desk.set_password(name, passwords[name])
            else:
                desk.add(name, passwords[name], *_sees(organisation), phones=True)
    return passwords


def _sees(organisation: str) -> tuple[str, str, tuple[str, ...]]:
    return "admin" if organisation else "provider", organisation, ()


def _report(system: System, city: City) -> None:
    period = ("--from", city.start, "--to", city.end)
    daily = [word for name in COLUMNS for word in ("--metric", name)]
    system.run("report", *daily, "--step", "day", *period)
    found = run.read(system.plan.data)
    CONSOLE.print(by_gateway(asked_by_gateway(system.http, found.token if found else None, city)))


def asked_by_gateway(address: str, token: str | None, city: City) -> dict[str, Any]:
    asked = {"metric": list(COLUMNS), "by": "gateway", "step": "day", "from": city.start, "to": city.end}
    ours = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(f"{address}/api/v1/timeseries", params=asked, headers=ours, timeout=60, trust_env=False)
        found: dict[str, Any] = answer.raise_for_status().json()
    except httpx.HTTPError as error:
        raise StartError(f"the report by gateway cannot be had from {address}: {error}; its log says why") from error
    return found
