"""The `pulse` command: a group whose commands are imported only when they run, so that help comes at once.

Comes in: the command line and PULSE_… variables. Goes out: exit code 0 (done), 1 (failed, or differences found),
2 (wrong usage) or 3 (`verify` could not decide), and one line on standard error for whatever could be expected to
go wrong.
"""

import errno
from importlib import import_module
from inspect import cleandoc

import click

DIFFERENT, UNDECIDED = 1, 3
"""Exit codes of `pulse verify`, by which `pulse rebuild` goes."""
COMMANDS = {
    "demo": "Everything on this machine with a simulated provider, until Ctrl-C.",
    "up": "Run everything on this machine until Ctrl-C; what it started ends with it.",
    "broker": "The local Apache Kafka alone.",
    "topics": "The topics of the registry.",
    "directory": "Who works for whom, and on which line.",
    "produce": "Feed events: from files, from a simulated city.",
    "stream": "Run a Faust worker: raw records to signed facts.",
    "migrate": "Bring the ClickHouse schema up to date.",
    "load": "Run the loaders alone: facts topics to ClickHouse; with a server several side by side.",
    "serve": "Run loader and API in one process.",
    "user": "Who may sign in, and tokens for programs.",
    "dashboard": "Run the API and the page alone, over a server; several side by side, each with its own --data.",
    "drain": "Wait until everything produced so far can be queried; exit 1 with where it hangs.",
    "report": "The API's numbers in the terminal.",
    "verify": "Recompute from the raw topics and compare with ClickHouse, row by row.",
    "rebuild": "Derive everything again from the raw topics and the newest directory.",
    "dead-letters": "What was refused, and why; and the way back once it is put right.",
    "doctor": "What is configured, reachable, lagging; exit 1 where something is wrong.",
}
"""In the order of the flow, each with what it does: here, in its own --help and in README.md."""


class Flow(click.Group):
    """Commands in the order of the flow; each option is a setting with an environment variable, shown by --help."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"deploy.commands.{name.replace('-', '_')}").command
        _describe(command, COMMANDS[name])
        _show_settings(command)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise  # `| head` has seen enough: click ends without a word
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


def _describe(command: click.Command, text: str) -> None:
    """What its docstring says comes behind it."""
    command.short_help = text
    command.help = "\n\n".join([text, cleandoc(command.callback.__doc__ or "")])


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
