"""The grammar of the command line: ``interlock NOUN VERB``, loaded when needed, with errors on three lines.

Rules: help imports click and nothing of ours but this; an unknown word gets the nearest known one; every refusal ends
as ``error``, ``why``, ``next`` on stderr and in an exit code; a bug ends as one line, never as a traceback, since a
traceback may hold a secret.
"""

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import click

from interlock.kernel.errors import Failed, InterlockError, Internal, Invalid

OTHER_WORDS = {
    "get": "show",
    "describe": "show",
    "view": "show",
    "ls": "list",
    "delete": "remove",
    "rm": "remove",
    "new": "create",
    "add": "create",
    "lint": "validate",
    "validate": "lint",
    "compare": "diff",
    "hash": "digest",
}

INTERRUPTED, BROKEN_PIPE = 130, 141


class Entry(NamedTuple):
    """One line of the command table: where the command is built, and what help says without loading it."""

    builder: str
    help: str
    chapter: str


class Noun(click.Group):
    """A group of verbs that suggests the nearest word for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command.

        Raises:
            click.UsageError: there is none of this name; the text says which is near.
        """
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            raise click.UsageError(f"{ctx.command_path} has no {word!r}.{_suggest(word, self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)


class Table(Noun):
    """The root: builds a command only when it is called, and prints help by chapter from the table alone."""

    def __init__(self, entries: Mapping[str, Entry], **given: Any) -> None:
        super().__init__(**given)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every name of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Build one command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, builder = entry.builder.partition(":")
        command: click.Command = getattr(import_module(module), builder)()
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table, grouped by chapter."""
        for chapter in dict.fromkeys(entry.chapter for entry in self.entries.values()):
            with formatter.section(chapter):
                rows = [(name, entry.help) for name, entry in self.entries.items() if entry.chapter == chapter]
                formatter.write_dl(rows)


def run(command: click.Command, args: Sequence[str] | None = None) -> int:
    """Run a command line to its exit code; everything that can go wrong is printed here."""
    given = list(sys.argv[1:] if args is None else args)
    _open_stdout()
    code = _outcome(command, given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except OSError as error:
        _abandon_stdout()
        return code or _report(_explained(error), given)
    return code


def _outcome(command: click.Command, given: list[str]) -> int:
    stdout = sys.stdout
    try:
        result = command.main(_alone(given), prog_name="interlock", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except SystemExit:
        # click ends so when the reader has gone, and puts something else in place of standard output.
        if sys.stdout is stdout:
            raise
        sys.stdout = stdout
        _abandon_stdout()
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no values
        return _report(_explained(error), given)
    return result if isinstance(result, int) else 0


def _alone(args: Sequence[str]) -> list[str]:
    """``--json`` takes fields only after ``=``, so that it never takes the argument that follows for them."""
    end = args.index("--") if "--" in args else len(args)
    return ["--json=" if word == "--json" else word for word in args[:end]] + list(args[end:])


def _open_stdout() -> None:
    """What is not a terminal gets UTF-8, in every locale; what a terminal cannot show stands escaped."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the process ends
    elif isinstance(sys.stdout, io.TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def _abandon_stdout() -> None:
    """Python must not try once more, at exit, to write what could not be written."""
    if sys.__stdout__ is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def _explained(error: Exception) -> InterlockError:
    if isinstance(error, InterlockError):
        return error
    if isinstance(error, OSError):
        what = ": ".join(str(part) for part in (error.filename, error.strerror or type(error).__name__) if part)
        return Failed(what, why="the operating system refused to read or write")
    if isinstance(error, MemoryError):
        return Failed("there is not enough memory", why="nothing was judged or written")
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "interlock"
        return Invalid(error.format_message().rstrip("."), hint=f"{path} --help")
    if isinstance(error, click.ClickException):
        return Invalid(error.format_message().rstrip("."))
    return _bug(error)


def _bug(error: Exception) -> Internal:
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119 - text only
        trace = trace.tb_next
    return Internal(
        f"a bug in Interlock: {type(error).__name__} at {place}",
        why="nothing was judged or written",
        hint="report this line and the command; interlock version",
    )


def _report(error: InterlockError, args: Sequence[str]) -> int:
    from interlock.web.output import escape  # noqa: PLC0415 - only when something went wrong

    chosen = _format(args)
    if chosen in {"json", "ndjson", "yaml"}:
        click.echo(_structured({"error": error.as_dict()}, chosen), err=True)
        return error.exit_code
    for problem in error.problems:
        click.echo(escape(str(problem)), err=True)
    click.echo(f"error: {escape(error.message)}", err=True)
    if error.why:
        click.echo(f"  why:  {escape(error.why)}", err=True)
    if error.hint:
        click.echo(f"  next: {escape(error.hint)}", err=True)
    return error.exit_code


def _structured(body: dict[str, Any], chosen: str) -> str:
    if chosen == "yaml":
        import yaml  # noqa: PLC0415 - only when asked for

        return str(yaml.safe_dump(body, sort_keys=False, allow_unicode=True)).rstrip()
    import json  # noqa: PLC0415 - only when something went wrong

    return json.dumps(body, ensure_ascii=False)


def _format(args: Sequence[str]) -> str:
    """The output format asked for, read without parsing, since parsing may be what failed."""
    chosen = os.environ.get("INTERLOCK_OUTPUT", "table")
    for i, word in enumerate(args):
        if word == "--":
            break
        if word in {"-o", "--output"} and i + 1 < len(args):
            chosen = args[i + 1]
        elif word.startswith("--output="):
            chosen = word.removeprefix("--output=")
        elif word.startswith("-o") and not word.startswith("--"):
            chosen = word.removeprefix("-o").removeprefix("=")
        elif word == "--json" or word.startswith("--json="):
            chosen = "json"
    return chosen


def _suggest(word: str, known: Sequence[str]) -> str:
    other = OTHER_WORDS.get(word)
    near = [other] if other in known else get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" There is: {', '.join(known)}."


Builder = Callable[[], click.Command]
