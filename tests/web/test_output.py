"""What is printed: the same data in each format, safe for a terminal, aligned by cells, colour only where wanted."""

import csv
import io
import json
import sys
import unicodedata
from decimal import Decimal
from enum import Enum
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.errors import Invalid
from interlock.web.output import FORMATS, Out, cell, cut, escape, output_options, pad, plain, wants_color, width

ROWS = [
    {"name": "web", "count": 3, "ready": True, "tags": ["a", "b"], "note": None},
    {"name": "näme 東京", "count": 12, "ready": False, "tags": [], "note": "two\nlines"},
]
COLUMNS = ("name", "count", "ready", "tags", "note")
# Characters that show something, though Unicode calls them format characters: signs of numbers in Arabic and Kaithi.
SHOWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(form: str, rows: Any = ROWS, columns: Any = COLUMNS, **given: Any) -> str:
    stream = io.StringIO()
    Out(form, stream=stream, **given).rows(rows, columns)
    return stream.getvalue()


def recorded(form: str, record: Any, **given: Any) -> str:
    stream = io.StringIO()
    Out(form, stream=stream, **given).record(record)
    return stream.getvalue()


def test_rows_in_every_structured_format_are_equal() -> None:
    assert json.loads(printed("json")) == ROWS
    assert [json.loads(line) for line in printed("ndjson").splitlines()] == ROWS
    assert yaml.safe_load(printed("yaml")) == ROWS


def test_one_record_in_every_structured_format_is_equal() -> None:
    assert json.loads(recorded("json", ROWS[1])) == ROWS[1]
    assert recorded("ndjson", ROWS[1]).count("\n") == 1
    assert json.loads(recorded("ndjson", ROWS[1])) == ROWS[1]
    assert yaml.safe_load(recorded("yaml", ROWS[1])) == ROWS[1]


def test_table() -> None:
    assert printed("table").splitlines() == [
        "NAME       COUNT  READY  TAGS  NOTE",
        "web        3      yes    a,b",
        "näme 東京  12     no           two\\nlines",
    ]


def test_a_record_as_a_table() -> None:
    assert recorded("table", ROWS[0]).splitlines() == ["name   web", "count  3", "ready  yes", "tags   a,b", "note"]
    assert recorded("table", {}) == ""


def test_csv() -> None:
    rows = list(csv.reader(io.StringIO(printed("csv"))))
    assert rows == [[*COLUMNS], ["web", "3", "yes", "a,b", ""], ["näme 東京", "12", "no", "", "two\\nlines"]]


@pytest.mark.parametrize("form", ["table", "csv"])
def test_an_underscore_in_a_column(form: str) -> None:
    header = printed(form, [{"format_version": 1}], ["format_version"]).splitlines()[0]
    assert header == {"table": "FORMAT VERSION", "csv": "format_version"}[form]


@pytest.mark.parametrize("form", FORMATS)
def test_no_rows(form: str) -> None:
    texts = {"json": "[]\n", "ndjson": "", "yaml": "[]\n", "csv": "name,count\n", "table": "NAME  COUNT\n"}
    assert printed(form, [], ["name", "count"]) == texts[form]


@pytest.mark.parametrize("form", ["json", "ndjson", "yaml"])
def test_fields(form: str) -> None:
    text = printed(form, fields=("count", "name"))
    read = [json.loads(line) for line in text.splitlines()] if form == "ndjson" else yaml.safe_load(text)
    assert read == [{"count": 3, "name": "web"}, {"count": 12, "name": "näme 東京"}]


def test_columns() -> None:
    stream = io.StringIO()
    Out("csv", columns=("ready", "name"), stream=stream).rows(ROWS, COLUMNS)
    assert stream.getvalue().splitlines()[:2] == ["ready,name", "yes,web"]


@pytest.mark.parametrize("given", [{"fields": ("colour",)}, {"columns": ("colour",)}])
def test_an_unknown_field_is_refused_with_the_known_ones(given: Any) -> None:
    stream = io.StringIO()
    with pytest.raises(Invalid, match="there is no field 'colour'") as refused:
        Out("csv", stream=stream, **given).rows(ROWS, COLUMNS)
    assert refused.value.hint == "fields: name,count,ready,tags,note"
    assert stream.getvalue() == ""


def test_rows_are_printed_one_by_one_as_ndjson() -> None:
    stream, seen = io.StringIO(), []

    def rows() -> Any:
        for row in ROWS:
            seen.append(stream.getvalue().count("\n"))
            yield row

    Out("ndjson", stream=stream).rows(rows(), COLUMNS)
    assert seen == [0, 1]


class Colour(Enum):
    RED = "red"


def test_what_json_has_no_form_for() -> None:
    values = {"enum": Colour.RED, "set": {"b", "a"}, "decimal": Decimal("0.10")}
    expected = {"enum": "red", "set": ["a", "b"], "decimal": "0.10"}
    for form in ("json", "ndjson", "yaml"):
        assert yaml.safe_load(recorded(form, values)) == expected
    assert plain(Decimal(1)) == "1"


def test_half_a_character_does_not_stop_the_output() -> None:
    record = {"name": "\udcff", "note": "\ud83d"}
    for form in FORMATS:
        assert recorded(form, record).encode()
    assert json.loads(recorded("json", record)) == record


# Escape


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Zl", "Zp"])
def test_no_control_character_reaches_a_terminal(category: str) -> None:
    found = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == category]
    assert found
    for code in set(found) - SHOWN:
        assert escape(chr(code)).isascii(), hex(code)
        assert escape(chr(code)).isprintable(), hex(code)


def test_escape_names_the_character() -> None:
    assert escape("a\x1b[31mb\u202ec\nd\te\r\x00") == "a\\x1b[31mb\\u202ec\\nd\\te\\r\\x00"
    assert escape("\ud800\U000e0041") == "\\ud800\\U000e0041"


@given(st.text())
def test_escape_is_stable_and_changes_nothing_else(text: str) -> None:
    shown = escape(text)
    assert escape(shown) == shown
    assert "".join(escape(character) for character in text) == shown
    assert len(shown.splitlines()) <= 1


@given(st.text())
def test_a_table_has_a_line_for_a_row_whatever_it_holds(text: str) -> None:
    lines = printed("table", [{"a": text, "b": [text]}], ["a", "b"]).split("\n")
    assert len(lines) == 3
    assert "\x1b" not in "".join(lines)


# Spreadsheets


@pytest.mark.parametrize("text", ['=HYPERLINK("//x")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "="])
def test_csv_holds_no_formula(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(printed("csv", [{"a": text}], ["a"])))
    assert row == ["'" + text]


@pytest.mark.parametrize("text", ["-/+", "+/-", "+", "-", "~", "<=", "./+", "-1.5e-7", "+49", "a=b", "web-1", ""])
def test_csv_leaves_numbers_and_marks(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(printed("csv", [{"a": text, "b": 1}], ["a", "b"])))
    assert row == [text, "1"]


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1"])
def test_csv_escapes_what_a_spreadsheet_would_skip(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(printed("csv", [{"a": text}], ["a"])))
    assert row[0].startswith("\\")


# Width


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("web", 3),
        ("東京", 4),
        ("\uff57", 2),
        ("e\u0301", 1),
        ("ก\u0e31", 1),
        ("क\u0941", 1),
        ("🚀", 2),
        ("naïve", 5),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells
    assert width(pad(text, 10)) == 10


@given(st.text(), st.integers(1, 40))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    shown = cut(escape(text), cells)
    assert width(shown) <= cells
    assert shown == escape(text) or shown.endswith("…")


@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.integers()}), min_size=1))
def test_columns_stand_below_each_other(rows: list[dict[str, Any]]) -> None:
    lines = printed("table", rows, ["a", "b"]).splitlines()
    start = lines[0].index("B")
    for line, row in zip(lines[1:], rows, strict=True):
        assert line.endswith(str(row["b"]))
        assert width(line.removesuffix(str(row["b"]))) == start


def test_cells_are_cut_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    Out(stream=terminal).rows([{"a": "x" * 50}], ["a"])
    assert terminal.getvalue().splitlines()[1] == "x" * 19 + "…"
    assert printed("table", [{"a": "x" * 50}], ["a"]).splitlines()[1] == "x" * 50


def test_cell() -> None:
    assert [cell(value) for value in (None, True, False, 0, 1.5, ["a", None, True], ("x",), "")] == [
        "", "yes", "no", "0", "1.5", "a,,yes", "x", ""
    ]  # fmt: skip


# Colour


@pytest.mark.parametrize(
    ("terminal", "environment", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(terminal: bool, environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - parameters
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    assert wants_color() is expected


def test_without_colour_the_text_is_the_same() -> None:
    assert Out(color=False).style("violation", "bad") == "violation"
    assert Out(color=True).style("violation", "bad") == "\x1b[31mviolation\x1b[0m"


# Options


@click.command()
@click.argument("word")
@output_options("junit")
def things(out: Out, word: str) -> None:
    if out.format == "junit":
        out.line(f"<{word}/>")
    else:
        out.note("on stderr")
        out.rows(ROWS, COLUMNS)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["x"], "NAME       COUNT  READY  TAGS  NOTE"),
        (["x", "-o", "csv"], "name,count,ready,tags,note"),
        (["x", "-o", "junit"], "<x/>"),
        (["x", "--json=name", "--columns", "name"], "["),
        (["x", "--columns", "count,name", "-o", "csv"], "count,name"),
        (["x", "--json="], "name"),
    ],
)
def test_options(words: list[str], first: str) -> None:
    result = CliRunner().invoke(things, words)
    assert result.stdout.splitlines()[0] == first
    assert result.exit_code == 0


def test_json_alone_lists_the_fields() -> None:
    assert CliRunner().invoke(things, ["x", "--json="]).stdout.split() == list(COLUMNS)


def test_quiet_leaves_the_data() -> None:
    loud, quiet = (CliRunner().invoke(things, ["x", *words]) for words in ([], ["--quiet"]))
    assert loud.stderr == "on stderr\n"
    assert (quiet.stderr, quiet.stdout) == ("", loud.stdout)


def test_the_environment_chooses_the_format() -> None:
    assert CliRunner().invoke(things, ["x"], env={"INTERLOCK_OUTPUT": "ndjson"}).stdout.count("\n") == 2
    assert CliRunner().invoke(things, ["x"], env={"INTERLOCK_OUTPUT": "colour"}).exit_code == 2
