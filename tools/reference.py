"""Writes the generated pages of `docs/reference`, each from the code that it describes; `--check` compares instead.

Rules: nothing stands in a page that the code does not say, but for the words that join it; the same code gives the same
bytes on every machine; a page is written whole or not at all.
"""

import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from interlock.__main__ import COMMANDS, ROOT
from interlock.kernel import errors
from interlock.kernel.errors import InterlockError
from interlock.web.command import BROKEN_PIPE, INTERRUPTED
from interlock.web.output import FORMATS, output_options

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE_BY = "This page is made by `tools/reference.py`; do not edit it."
# Pages whose generator lives with what it describes: a module with `render() -> str`.
ELSEWHERE = {"default-policies.md": "policy_reference", "plan-digest.md": "interlock.iac.plans.fields"}
ABOVE = {
    10: "two plans differ in meaning (`plan diff --exit-code`)",
    INTERRUPTED: "interrupted (Ctrl-C)",
    BROKEN_PIPE: "the reader of the output has gone",
}
MEANINGS = {
    0: "done, or the answer is yes",
    1: "ran and failed, or could not judge: never a pass",
    2: "not understood: a flag, an argument, a file",
    3: "the named thing does not exist",
    4: "no permission",
    5: "its state forbids this now",
    20: "a policy forbids it",
    21: "people must decide first",
    22: "frozen, or outside the window",
    23: "ended rolled back",
    24: "the wait is over, the work goes on",
    75: "a server did not answer; safe to repeat",
}


def pages() -> dict[str, Callable[[], str]]:
    """Every page that can be made here, by file name."""
    made: dict[str, Callable[[], str]] = {"commands.md": commands, "errors.md": error_tree, "output.md": output}
    for name, module in ELSEWHERE.items():
        if find_spec(module) is not None:
            made[name] = import_module(module).render
    return made


def commands() -> str:
    """The page of all commands and options."""
    parts = ["# Commands", MADE_BY, "`interlock NOUN VERB`; each command answers `--help`.", _overview()]
    shared = _shared()
    for path, command in _walk():
        parts += [f"## {path}", _usage(path, command), *_prose(command.help or "")]
        own = [param for param in command.params if isinstance(param, click.Option) and param.name not in shared]
        rows = [(_flags(option), _described(option)) for option in own]
        # Which formats there are differs by command, so this one shared option is shown everywhere.
        rows += [(_flags(o), _described(o)) for o in _options(command) if o.name == "output_format"]
        if rows:
            parts.append(_table(("Option", "Meaning"), rows))
    common = [(_flags(option), _described(option)) for option in shared.values() if option.name != "output_format"]
    parts += ["## Options of every command that prints data", _table(("Option", "Meaning"), common)]
    return "\n\n".join(parts) + "\n"


def _overview() -> str:
    rows = [(f"[`{name}`](#interlock-{name})", entry.help, entry.chapter) for name, entry in COMMANDS.items()]
    return _table(("Command", "What it does", "Chapter"), rows)


def _walk() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(ROOT)
    for name in COMMANDS:
        command = ROOT.get_command(context, name)
        if command is None:
            raise SystemExit(f"{name} is in the table, but cannot be built")
        yield f"interlock {name}", command
        if isinstance(command, click.Group):
            for verb in command.list_commands(context):
                yield f"interlock {name} {verb}", command.commands[verb]


def _shared() -> dict[str, click.Option]:
    @click.command()
    @output_options()
    def anything() -> None:
        """Never called."""

    return {str(option.name): option for option in _options(anything)}


def _options(command: click.Command) -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option)]


def _usage(path: str, command: click.Command) -> str:
    words = [f"{path} [OPTIONS]" if _options(command) else path]
    context = click.Context(command)
    words += [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    if isinstance(command, click.Group):
        words.append("VERB")
    return f"```\n{' '.join(words)}\n```"


def _prose(text: str) -> Iterator[str]:
    """Paragraphs of click's help; those that it does not wrap keep their lines."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            title, _, rest = paragraph.removeprefix("\b\n").partition("\n")
            yield f"{title}\n\n```\n{inspect.cleandoc(rest)}\n```"
        else:
            plain, _, example = " ".join(paragraph.split()).partition("Example: ")
            if plain:
                yield plain.strip()
            if example:
                yield f"```\n{example}\n```"


def _flags(option: click.Option) -> str:
    value = "" if option.is_flag else f" {_metavar(option)}"
    return ", ".join(f"`{flag}`" for flag in [*option.opts[:-1], option.opts[-1] + value])


def _metavar(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return (option.metavar or option.type.name.upper()).strip()


def _described(option: click.Option) -> str:
    text = re.sub(r"\s+\[default: (.*)\]$", r" Default: \1.", option.help or "")
    default = option.show_default if isinstance(option.show_default, str) else option.default
    if option.show_default:
        text += f" Default: {default}."
    if option.envvar:
        text += f" Variable: `{option.envvar}`."
    return text


def error_tree() -> str:
    """The page of exit codes and problem codes."""
    classes = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, InterlockError)]
    codes = sorted({error.exit_code for error in classes} | {0, *ABOVE})
    exits = [(str(code), MEANINGS.get(code) or ABOVE[code]) for code in codes]
    problems = [
        (f"`{error.code}`", str(error.exit_code), str(error.status), (error.__doc__ or "").strip())
        for error in classes
        if error is not InterlockError
    ]
    parts = ["# Errors and exit codes", MADE_BY, _ERRORS, "## Exit codes", _table(("Exit", "Meaning"), exits)]
    parts += ["## Problem codes", _PROBLEMS, _table(("Code", "Exit", "HTTP", "Meaning"), problems)]
    return "\n\n".join(parts) + "\n"


def output() -> str:
    """The page of formats."""
    extra = [name for path, command in _walk() if path == "interlock check" for name in _formats(command)]
    rows = [(f"`{name}`", _FORMATS[name]) for name in (*FORMATS, *(n for n in extra if n not in FORMATS))]
    return (
        "\n\n".join(["# Output", MADE_BY, _OUTPUT, "## Formats", _table(("Format", "What is printed"), rows), _REST])
        + "\n"
    )


def _formats(command: click.Command) -> Sequence[str]:
    for option in _options(command):
        if option.name == "output_format" and isinstance(option.type, click.Choice):
            return [str(choice) for choice in option.type.choices]
    return ()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *[[cell.replace("|", "\\|") for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_ERRORS = """\
What was asked for is on standard output, all else on standard error. A refusal says what, why and what to do next:

```
error: WHAT
  why:  THE RULE OR FACT BEHIND IT
  next: A COMMAND
```

Faults in documents and policies stand before it, all at once, a line each: `file:line:column: field: message (hint)`.

With `-o json`, `ndjson` or `yaml` there is one object on standard error instead:

```
{"error": {"code", "message", "why", "hint", "errors": [{"file", "line", "column", "field", "message", "hint"}],
           "exit_code", "request_id"}}
```

An error holds no secret of a plan. A traceback is never shown: a bug of Interlock is one line with the place in the
code, exit 1."""
_PROBLEMS = """\
`code` tells programs apart what people read in the message. HTTP is the status that a server gives the same error; the
commands that exist today need no server, so of some errors only the code is settled."""
_FORMATS = {
    "table": "for people; columns are as wide as a terminal draws them, whatever the script",
    "json": "one document: an object, or a bare array of records",
    "ndjson": "one record a line, printed as soon as it is known",
    "yaml": "the same document as `json`, as YAML",
    "csv": "a header and a row for each record, RFC 4180; lists are joined by commas",
    "junit": "JUnit XML, which most CI systems show as a test report",
    "sarif": "SARIF 2.1.0, which code scanning reads",
    "github": "workflow commands, which GitHub shows as annotations of the change",
}
_OUTPUT = """\
Data goes to standard output, everything else (notes, errors) to standard error. All formats hold the same data."""
_REST = """\
`-o FORMAT` or the variable `INTERLOCK_OUTPUT` chooses. `--json` alone lists the fields, `--json=a,b` prints only these,
as JSON. `--columns a,b` chooses the columns of a table or CSV. An unknown field or column is an error (exit 2) that
names the known ones.

## What is escaped

A table shows control characters, characters that reverse or hide text, and line breaks as `\\x1b`, `\\u202e`, `\\n`, so
nothing in a plan or a policy can move the cursor, forge a line or hide a word. JSON and YAML carry values as they are,
since their own syntax protects them. A cell of CSV that a spreadsheet would run as a formula (`=`, `@`, or `+` and `-`
before anything but a number or the mark of a plan) has a `'` before it.

Output that does not go to a terminal is UTF-8 in every locale.

## Colour and width

Colour never carries meaning alone: each line says the same without. It is drawn on a terminal only; `NO_COLOR`,
`TERM=dumb` and `--no-color` switch it off, `FORCE_COLOR` draws it anywhere. Cells are cut, with `…` at the end, on a
terminal only."""


def main(words: Sequence[str]) -> int:
    """Write every page, or with ``--check`` print how the written ones differ; 1 when one does."""
    stale = 0
    for name, render in pages().items():
        file, text = REFERENCE / name, render()
        written = file.read_text(encoding="utf-8") if file.exists() else ""
        if written == text:
            continue
        if "--check" in words:
            lines = difflib.unified_diff(
                written.splitlines(), text.splitlines(), f"{name} as it is", "as it ought to be"
            )
            print("\n".join(lines))
            print(f"docs/reference/{name} is stale: run `python tools/reference.py`")
            stale += 1
        else:
            file.write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
