"""The `pulse` command: a group whose commands are imported only when they run, so that help comes at once.

Comes in: the command line and PULSE_… variables. Goes out: exit code 0 (done), 1 (failed, or differences found) or
2 (wrong usage), and one line on standard error for whatever could be expected to go wrong.
"""

import errno
from importlib import import_module

import click

COMMANDS = {
    "demo": "Everything on this machine with a simulated provider; prints the report and the address.",
    "up": "Everything on this machine: broker, topics, worker, loader and API.",
    "broker": "The local Apache Kafka: start, stop.",
    "topics": "Create or alter the topics of the registry.",
    "directory": "Check and publish who works for whom, and on which line.",
    "produce": "Feed events: from files, from a simulated city.",
    "stream": "The Faust worker.",
    "migrate": "Bring the ClickHouse schema up to date.",
    "load": "The loader alone: facts topics to ClickHouse.",
    "serve": "Loader, API and chart in one process.",
    "user": "Who may sign in to the page, and tokens for programs.",
    "dashboard": "The API and the chart alone, over a ClickHouse server.",
    "drain": "Wait until everything produced so far can be queried.",
    "report": "The API's numbers in the terminal.",
    "verify": "Recompute from the raw topics and compare with ClickHouse, row by row.",
    "rebuild": "Derive everything again from the raw topics and the newest directory.",
    "dead-letters": "What was refused, and why: list, show, send back.",
    "doctor": "What is configured, reachable, lagging.",
}


class Flow(click.Group):
    """Commands in the order of the flow; each option is a setting with an environment variable, shown by --help."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"deploy.commands.{name.replace('-', '_')}").command
        _show_settings(command)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except Exception as error:
            if not is_expected(error):
                raise
            raise click.ClickException(in_one_line(error)) from error

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """From the list above: asking each command would import all of them."""
        with formatter.section("Commands, in the order of the flow"):
            formatter.write_dl(list(COMMANDS.items()))


def is_expected(error: Exception) -> bool:
    """Errors of our own classes are written for the reader; those of Kafka and of the system can happen to anyone."""
    packages = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    own = packages & {"producers", "streams", "clickhouse", "dashboard", "deploy"}
    return bool(own) or isinstance(error, OSError) or "kafka" in packages


def in_one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return (
            f"disk full: no room for {error.filename or 'what is being written'}; make room, or choose another --data"
        )
    text = " ".join(str(error).split())
    return text if type(error).__module__.partition(".")[0] != "kafka" else f"Kafka: {text}"


def _show_settings(command: click.Command) -> None:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.show_envvar = True
    for inner in getattr(command, "commands", {}).values():
        _show_settings(inner)


@click.group(cls=Flow, context_settings={"auto_envvar_prefix": "PULSE", "show_default": True})
@click.version_option(package_name="dispatch-pulse")
def main() -> None:
    """Calls, orders and new clients of taxi dispatch offices, counted exactly.

    Every option is also an environment variable, shown by each command's --help.
    """
