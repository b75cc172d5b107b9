"""Texts of values: safe on a terminal whatever they hold, elided around what differs, bounded."""

import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlock.iac.plans.text import (
    LIMIT,
    REASONS,
    compact,
    line_diff,
    only_whitespace,
    pair_text,
    path_text,
    quote,
    reason_text,
    safe,
    value_text,
)
from interlock.iac.plans.values import Leaf

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('\n\r\t\x1b\x00\x7f\x9b\u200b\u202e\u2066\ufeff\ufffd\ud800\udfff\u2028\u00ad\u3164\ufe0f\\"'),
    ),
    max_size=200,
)
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def harmless(text: str) -> bool:
    return not any(unicodedata.category(c) in HIDDEN or c == "\ufffd" for c in text)


@given(NASTY, NASTY)
@example("a\u202eb", "a\ud800b")
def test_no_text_raises_or_leaves_a_character_that_a_terminal_acts_on(before: str, after: str) -> None:
    shown = [safe(before), quote(before), reason_text(before), path_text((before, 0, after)), value_text(before)]
    shown += [pair_text(before, after), pair_text(before, after, full=True), value_text({before: [after]}, full=True)]
    shown += list(line_diff(before, after))
    assert all(map(harmless, shown))
    assert all("\n" not in line for line in shown)


@given(NASTY, NASTY)
def test_different_texts_never_look_the_same(before: str, after: str) -> None:
    if before == after:
        assert list(line_diff(before, after)) == []
    else:
        old, new = (quote(side) for side in (before, after))
        assert old != new
        assert list(line_diff(before, after))
        left, _, right = pair_text(before, after).partition(" -> ")
        assert left != right


@given(st.lists(st.sampled_from("abcd\r"), max_size=30), st.lists(st.sampled_from("abcd\r"), max_size=30))
def test_a_line_difference_holds_exactly_the_lines_that_went_and_came(old: list[str], new: list[str]) -> None:
    lines = list(line_diff("".join(f"{x}\n" for x in old), "".join(f"{x}\n" for x in new)))
    went = [line[2:] for line in lines if line.startswith("- ")]
    came = [line[2:] for line in lines if line.startswith("+ ")]
    assert len(old) - len(went) == len(new) - len(came)


def test_a_line_difference_shows_a_line_around_and_gaps() -> None:
    old = [f"line {i}" for i in range(1, 12)]
    new = [line.replace("line 5", "LINE 5").replace("line 11", "LINE 11") for line in old]
    assert list(line_diff("\n".join(old), "\n".join(new))) == [
        "...", "  line 4", "- line 5", "+ LINE 5", "...", "  line 10", "- line 11", "+ LINE 11",
    ]  # fmt: skip


def test_line_ends_count() -> None:
    assert list(line_diff("a\r\nb\n", "a\nb\n")) == ["- a\\r", "+ a"]
    assert list(line_diff("a\nb", "a\nb\n")) == ["(a line end at the very end was added)"]


def test_a_line_difference_is_bounded_in_time() -> None:
    old = "\n".join(str(i * 7 % 1000) for i in range(50_000))
    new = "\n".join(str(i * 13 % 1000) for i in range(50_000))
    start = time.process_time()
    assert sum(1 for _ in line_diff(old, new)) > 1000
    assert time.process_time() - start < 5


def test_long_strings_are_elided_around_what_differs_with_their_length() -> None:
    before, after = "a" * 500 + "X" + "b" * 500, "a" * 500 + "Y" + "b" * 500
    text = pair_text(before, after)
    assert "X" in text
    assert "Y" in text
    assert len(text) < 4 * LIMIT
    assert text.count("(1,001 characters)") == 2
    assert pair_text(before, after, full=True) == f'"{before}" -> "{after}"'


def test_a_long_value_alone_shows_both_ends() -> None:
    text = value_text("start" + "x" * 500 + "end")
    assert text.startswith('"start')
    assert 'end" (508 characters)' in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (2**70, str(2**70)),
        ('a"b\n', '"a\\"b\\n"'),
        ("\\n", '"\\\\n"'),
        ({"b": [1], "a": Leaf.SENSITIVE}, '{"a": (sensitive), "b": [1]}'),
        (Leaf.UNKNOWN, "? known after apply"),
        (Leaf.MISSING, "not set"),
        (Leaf.SENSITIVE, "(sensitive)"),
    ],
)
def test_values(value: object, text: str) -> None:
    assert value_text(value) == text


def test_paths() -> None:
    assert path_text(("default_action", 0, "weight")) == "default_action[0].weight"
    assert path_text(("tags", "a.b")) == 'tags["a.b"]'
    assert path_text(()) == ""
    assert path_text(("tags", "x\u202ey")) == 'tags["x\\u202ey"]'


def test_reasons_are_words_and_an_unknown_one_stands_as_it_is() -> None:
    assert reason_text("replace_because_tainted") == "tainted, so it must be replaced"
    assert reason_text("replace_because_moon_phase") == "replace because moon phase"
    assert all("_because_" not in text for text in REASONS.values())


def test_whitespace_alone() -> None:
    assert only_whitespace("a  b\n", "a b")
    assert not only_whitespace("ab", "a b")
    assert not only_whitespace("a", "a")


def test_compact_keeps_numbers_as_they_are() -> None:
    assert compact({"n": Decimal("9007199254740993.10")}) == '{"n": 9007199254740993.10}'
