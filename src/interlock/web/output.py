"""How the command line prints: ``table json ndjson yaml csv``, the same data in each, on standard output.

Rules: data on stdout, all else on stderr; what comes from outside is escaped before a terminal sees it; meaning never
hangs on colour or width, and cells are cut only on a terminal; structured formats carry the values unescaped, since
their own syntax protects them; ``--json`` alone lists the fields.
"""

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, TextIO, TypeVar

import click

from interlock.kernel.errors import Invalid

FORMATS = ("table", "json", "ndjson", "yaml", "csv")
STYLES = {
    "good": "32",
    "bad": "31",
    "caution": "33",
    "note": "36",
    "strong": "1",
    "faint": "2",
}
# What a spreadsheet would run as a formula; numbers and the marks of plans (``+``, ``-/+``) are none.
_FORMULA = re.compile(r"[=@]|[+-](?![-+/.0-9eE]*$)")
_F = TypeVar("_F", bound=Callable[..., Any])
# Control characters, bidirectional controls, zero-width and other invisible format characters, surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def escape(text: str) -> str:
    r"""Make a text from outside safe for one line of a terminal: ``\x1b``, ``\u202e``, ``\n`` for the character."""
    return _UNSAFE.sub(_visible, text) if _UNSAFE.search(text) else text


def _visible(match: re.Match[str]) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if match[0] in named:
        return named[match[0]]
    return match[0].encode("unicode_escape", "surrogatepass").decode()


def width(text: str) -> int:
    """How many cells a text takes on a terminal (Unicode TR11; combining characters take none)."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, cells: int) -> str:
    """Fill with blanks to a number of cells."""
    return text + " " * (cells - width(text))


class Out:
    """Standard output in the format that the user asked for.

    Args:
        format: one of `FORMATS`, or a further one that the command itself writes (``junit``).
        fields: from ``--json=a,b``: only these; empty for all; None when not given.
        columns: from ``--columns a,b``; empty for the command's own choice.
        color: whether styles may be drawn.
        quiet: leave out what is not data.
        verbose: tell more on stderr.
        stream: where data goes; standard output when None.
    """

    def __init__(  # noqa: PLR0913 - each is one flag of the command line
        self,
        format: str = "table",  # noqa: A002 - the flag's own word
        *,
        fields: Sequence[str] | None = None,
        columns: Sequence[str] = (),
        color: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        stream: TextIO | None = None,
    ) -> None:
        self.format = format
        self.fields = fields
        self.columns = tuple(columns)
        self.color = color
        self.quiet = quiet
        self.verbose = verbose
        self._stream = stream

    @property
    def stream(self) -> TextIO:
        """Where data goes."""
        return self._stream or sys.stdout

    @property
    def table(self) -> bool:
        """Whether people read it, not a program."""
        return self.format == "table"

    def style(self, text: str, name: str) -> str:
        """Draw a text in one of `STYLES`, where colour is on; the text must say the same without."""
        return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if self.color else text

    def line(self, text: str = "") -> None:
        """A line of text for people; the caller has escaped what came from outside."""
        self.stream.write(text.rstrip() + "\n")

    def note(self, text: str) -> None:
        """A line on stderr, unless ``--quiet``."""
        if not self.quiet:
            click.echo(text, err=True)

    def record(self, record: Mapping[str, Any]) -> None:
        """One record: an object, or a table of its fields."""
        chosen = self._only(record)
        if self.format == "json":
            self._json(chosen, indent=2)
        elif self.format == "ndjson":
            self._json(chosen)
        elif self.format == "yaml":
            self._yaml(chosen)
        elif self.format == "csv":
            self._csv([chosen], list(chosen))
        else:
            cells = max((width(key) for key in chosen), default=0)
            for key, value in chosen.items():
                self.line(f"{pad(key, cells)}  {cell(value)}")

    def rows(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """Many records: a bare array, a line each, or a table of ``columns`` (``--columns`` wins).

        Raises:
            Invalid: ``--columns`` or ``--json`` names a field that the records lack.
        """
        if self.format == "ndjson":
            for row in rows:
                self._json(self._only(row))
            return
        listed = [self._only(row) for row in rows]
        if self.format == "json":
            self._json(listed, indent=2)
        elif self.format == "yaml":
            self._yaml(listed)
        elif self.format == "csv":
            self._csv(listed, self._chosen(listed, columns))
        else:
            self._table(listed, self._chosen(listed, columns))

    def _only(self, record: Mapping[str, Any]) -> dict[str, Any]:
        if self.fields is None:
            return dict(record)
        if not self.fields:
            self.stream.write("".join(f"{field}\n" for field in record))
            raise click.exceptions.Exit(0)
        _known(self.fields, record)
        return {field: record[field] for field in self.fields}

    def _chosen(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
        if self.columns and rows:
            _known(self.columns, rows[0])
        return list(self.columns or self.fields or columns)

    def _json(self, value: Any, indent: int | None = None) -> None:
        import json  # noqa: PLC0415 - only where it is printed

        separators = None if indent else (",", ":")
        text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, default=plain)
        self.stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")

    def _yaml(self, value: Any) -> None:
        import json  # noqa: PLC0415 - only where it is printed

        import yaml  # noqa: PLC0415 - only where it is printed

        simple = json.loads(json.dumps(value, default=plain))
        yaml.safe_dump(simple, self.stream, sort_keys=False, allow_unicode=True, width=10_000)

    def _csv(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
        import csv  # noqa: PLC0415 - only where it is printed

        writer = csv.writer(self.stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_inert(cell(row.get(column))) for column in columns])

    def _table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        lines = [[column.upper().replace("_", " ") for column in columns]]
        lines += [[cell(row.get(column)) for column in columns] for row in rows]
        cells = [max(width(line[i]) for line in lines) for i in range(len(columns))]
        limit = shutil.get_terminal_size().columns if self.stream.isatty() else 0
        for line in lines:
            text = "  ".join(pad(value, cells[i]) for i, value in enumerate(line)).rstrip()
            self.line(cut(text, limit) if limit else text)


def cell(value: Any) -> str:
    """A value as one escaped cell; nothing is an empty cell, a list is joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(cell(item) for item in value)
    return escape(str(value))


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def cut(text: str, cells: int) -> str:
    """Cut to a number of cells, the last one an ellipsis where something is left out."""
    if width(text) <= cells:
        return text
    while text and width(text) > cells - 1:
        text = text[: -max(1, (width(text) - cells) // 2)]
    return text + "…"


def plain(value: Any) -> Any:
    """What JSON has no form for: enums by value, sets as sorted arrays, all else (decimals, instants) as text."""
    name = getattr(value, "value", None)
    if name is not None:
        return name
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def _known(names: Sequence[str], record: Mapping[str, Any]) -> None:
    unknown = [name for name in names if name not in record]
    if unknown:
        raise Invalid(f"there is no field {unknown[0]!r}", hint="fields: " + ",".join(record))


def output_options(*more: str) -> Callable[[_F], _F]:
    """Add ``-o --json --columns --no-color --quiet -v`` to a command, which gets one `Out` as its argument ``out``.

    Args:
        more: formats that the command writes itself.
    """
    formats = (*FORMATS, *more)

    def decorate(function: _F) -> _F:
        @wraps(function)
        def command(**given: Any) -> Any:
            fields, columns = given.pop("json_fields"), given.pop("columns")
            out = Out(
                "json" if fields is not None else given.pop("output_format"),
                fields=None if fields is None else _names(fields),
                columns=_names(columns or ""),
                color=not given.pop("no_color") and wants_color(),
                quiet=given.pop("quiet"),
                verbose=given.pop("verbose"),
            )
            given.pop("output_format", None)
            return function(out=out, **given)

        options = (
            click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr."),
            click.option("--quiet", is_flag=True, help="Print data only."),
            click.option("--no-color", is_flag=True, help="Draw no colour; NO_COLOR does the same."),
            click.option("--columns", metavar="a,b", help="The columns of a table or CSV."),
            click.option(
                "--json", "json_fields", is_flag=False, flag_value="", default=None, metavar="[=f1,f2]",
                help="JSON with these fields only; alone it lists them.",
            ),
            click.option(
                "-o", "--output", "output_format", type=click.Choice(formats), default="table", show_default=True,
                envvar="INTERLOCK_OUTPUT", help="The format on stdout.",
            ),
        )  # fmt: skip
        wrapped: Any = command
        for option in options:
            wrapped = option(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


def wants_color() -> bool:
    """Colour on a terminal, unless NO_COLOR or TERM=dumb; FORCE_COLOR draws it anywhere."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.removeprefix("=").split(",") if name)
