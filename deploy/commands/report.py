"""`pulse report`: the API's numbers in the terminal; every option is a parameter of the API."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

import click
import httpx
import orjson
from click.core import ParameterSource
from rich.console import Console

from clickhouse.metrics import BY_NAME
from clickhouse.metrics.metric import ListName
from clickhouse.queries.listing import MAX_PAGE, PAGE
from clickhouse.queries.parse import BREAKDOWNS, COMPARISONS, FILTERS, STEPS
from clickhouse.queries.query import BadParameter
from dashboard.report import as_csv, as_table
from dashboard.report_list import list_as_csv, list_as_table
from deploy import run
from deploy.options import data_option

STORE = "clickhouse"
PATH = "/api/v1"
CHART: Final = "timeseries"
Shown = Literal["timeseries"] | ListName
WITHIN_S = 120.0
DAYS = 30
METRICS = ("calls", "calls_answered", "calls_missed", "new_callers_service")


def _filters(command: Any) -> Any:
    for name in reversed(FILTERS):
        command = click.option(f"--{name}", multiple=True, help=f"Only this {name}; repeat for several.")(command)
    return command


@click.command()
@data_option
@click.option("--url", envvar="PULSE_URL", metavar="URL", help="Address of the API; else that of the run in DIR.")
@click.option("--token", envvar="PULSE_TOKEN", metavar="TEXT", help="With --url: a token of `pulse user token add`.")
@click.option(
    "--metric",
    multiple=True,
    default=METRICS,
    type=click.Choice(list(BY_NAME)),
    metavar="NAME",
    help="What to count; repeat for several.",
)
@click.option("--from", "start", metavar="TIME", help=f"First hour, local; else {DAYS} days before the end.")
@click.option("--to", "end", metavar="TIME", help="The hour after the last; else the end of today.")
@click.option("--step", type=click.Choice(STEPS), default="day", help="Length of a bucket.")
@click.option("--by", type=click.Choice(BREAKDOWNS), default="none", help="A series for each of these.")
@click.option("--top", type=click.IntRange(min=1), help="Only the largest groups; the rest together as other.")
@click.option("--compare", type=click.Choice(COMPARISONS), default="none", help="With an earlier period.")
@click.option("--organisation", help="Only this one; else all, each in its own wall clock.")
@click.option("--list", "listed", is_flag=True, help="The rows behind the metric (calls, if none is given).")
@click.option("--bucket", metavar="TIME", help="With --list: only this bucket, by its label.")
@click.option("--limit", type=click.IntRange(1, MAX_PAGE), help=f"With --list: rows of a page, {PAGE} if not given.")
@click.option("--cursor", help="With --list: the page after the one that named it.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help="How.")
@_filters
@click.pass_context
def command(
    context: click.Context,
    /,
    data: Path,
    url: str | None,
    token: str | None,
    start: str | None,
    end: str | None,
    **given: Any,
) -> None:
    """Metrics over time, by default the last 30 days by day; with --list the calls, contacts or orders behind them.

    The names of metrics are those of /api/v1/metrics. Exit code 2 says that something cannot be asked so.
    """
    end = end or (_today() + timedelta(days=1)).isoformat()
    listed, form = given.pop("listed"), given.pop("form")
    asked = given | {"from": start or _days_before(end), "to": end}
    if listed:
        asked = {name: value for name, value in asked.items() if _is_given(context, name)}
    what = BY_NAME[asked.get("metric", METRICS)[0]].behind if listed else CHART
    parameters = {name: value for name, value in asked.items() if value not in (None, ())}
    _show(_answer(data, url, token, what, parameters), what, form)


def _is_given(context: click.Context, name: str) -> bool:
    """A default of the chart is none of a list, but for the range and the step."""
    return name in {"from", "to", "step"} or context.get_parameter_source(name) != ParameterSource.DEFAULT


def _show(answer: str, what: Shown, form: str) -> None:
    if form == "json":
        click.echo(answer)
    elif form == "csv":
        click.echo((as_csv if what == CHART else list_as_csv)(orjson.loads(answer)), nl=False)
    else:
        (as_table if what == CHART else list_as_table)(orjson.loads(answer), Console())


def _today() -> date:
    return datetime.now().astimezone().date()


def _days_before(end: str) -> str:
    """What is no day is left to the API to refuse."""
    try:
        return (date.fromisoformat(end[:10]) - timedelta(days=DAYS)).isoformat()
    except ValueError:
        return end


def _answer(data: Path, url: str | None, token: str | None, what: Shown, parameters: dict[str, Any]) -> str:
    found = run.read(data)
    if url is None and found is not None:
        url, token = found.http or _not_served(data), found.token
    if url is not None:
        return _ask(f"{url}{PATH}/{what}", token, parameters)
    if not (data / STORE).exists():
        raise click.ClickException(
            f"nothing runs on {data} and it holds no store: start `pulse up --data {data}` first"
        )
    return _read(data / STORE, what, parameters)


def _not_served(data: Path) -> NoReturn:
    raise click.ClickException(f"only a broker runs on {data}: start `pulse serve --data {data}`")


def _read(store: Path, what: Shown, parameters: dict[str, Any]) -> str:
    """Nothing serves this folder: it is opened here."""
    from clickhouse.engine import EngineError  # noqa: PLC0415  (the engine takes a second to import)
    from dashboard.offline import list_offline, timeseries_offline  # noqa: PLC0415

    given = {name: [*value] if isinstance(value, tuple) else [str(value)] for name, value in parameters.items()}
    try:
        found = timeseries_offline(store, given) if what == CHART else list_offline(store, what, given)
        return orjson.dumps(found).decode()
    except BadParameter as error:
        raise _refused(error.parameter, error.message) from error
    except EngineError as error:
        raise click.ClickException(str(error)) from error


def _ask(url: str, token: str | None, parameters: dict[str, Any]) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(url, params=parameters, headers=headers, timeout=WITHIN_S, trust_env=False)
    except httpx.HTTPError as error:
        raise click.ClickException(f"no answer from {url}: {error}; is `pulse serve` running?") from error
    found = _read_json(answer)
    if answer.is_success and found is not None:
        return answer.text
    problem = found if isinstance(found, dict) else {}
    if "parameter" in problem:
        raise _refused(problem["parameter"], problem["detail"])
    raise click.ClickException(problem.get("detail") or _of_something_else(url, answer))


def _read_json(answer: httpx.Response) -> Any:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None


def _of_something_else(url: str, answer: httpx.Response) -> str:
    """A proxy, or a server that is not ours."""
    return f"{url} answers {answer.status_code} {answer.reason_phrase}, which is no answer of `pulse serve`: is it up?"


def _refused(parameter: str, why: str) -> click.UsageError:
    return click.UsageError(f"--{parameter}: {why}")
