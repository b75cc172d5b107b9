"""Values, paths and text differences of a plan as lines for people. Pure.

Rules: nothing that leaves here holds a character that a terminal acts on or hides (control, bidirectional, zero-width,
surrogate, replacement); strings are quoted, so that a backslash of ours cannot be one of theirs; long strings are
elided around what differs, with their length, unless all is asked for; a text difference is bounded in time whatever
the texts are. What is secret has been masked before: this module knows no secrets.
"""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from interlock.iac.plans.values import Leaf, Path
from interlock.web.output import escape

LIMIT = 72
"""Characters of one string that are shown by default."""
AROUND = 16
"""Characters and, divided by eight, lines shown of what is equal beside a difference."""
MATCH_LIMIT = 160_000
"""Largest product of line counts that is matched line by line; above it a block is shown as replaced."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = {Leaf.MISSING: "not set", Leaf.UNKNOWN: "? known after apply", Leaf.SENSITIVE: "(sensitive)"}
REASONS = {
    "replace_because_tainted": "tainted, so it must be replaced",
    "replace_because_cannot_update": "cannot be updated in place",
    "replace_by_request": "replacement was requested",
    "replace_by_triggers": "replace_triggered_by has changed",
    "delete_because_no_resource_config": "no longer in the configuration",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_no_move_target": "moved to an address that is not in the configuration",
    "delete_because_enabled_false": "its enabled argument is false",
    "read_because_config_unknown": "its arguments are known after apply",
    "read_because_dependency_pending": "what it depends on changes first",
    "read_because_check_nested": "read for a check",
    "forgot_because_lifecycle_destroy_in_state": "destroy = false in the state",
    "forgot_because_lifecycle_destroy_in_config": "destroy = false in the configuration",
}
"""What the tools' ``action_reason`` means; the set is open."""


def safe(text: str) -> str:
    """One line that a terminal shows as it is: what is not printable stands as its escape."""
    text = escape(text).replace("\ufffd", "\\ufffd")
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def quote(text: str) -> str:
    """A string in double quotes, with the escapes of JSON; what is not printable is escaped too."""
    return safe(json.dumps(text, ensure_ascii=False))


def reason_text(reason: str) -> str:
    """The tool's reason in words; one that we do not know as it stands, without underscores."""
    return REASONS.get(reason) or safe(reason.replace("_", " "))


def path_text(path: Path) -> str:
    """``default_action[0].weight``, ``tags["a.b"]``."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _NAME.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{quote(step)}]")
    return "".join(parts)


def value_text(value: Any, *, full: bool = False) -> str:
    """A value on one line: strings quoted, containers as compact JSON, a `Leaf` by its words."""
    if isinstance(value, Leaf):
        return _WORDS[value]
    if isinstance(value, str):
        return _string(value, full=full)
    text = safe(compact(value))
    return text if full or len(text) <= LIMIT else f"{text[:LIMIT]}... ({len(text):,} characters)"


def pair_text(before: Any, after: Any, *, full: bool = False) -> str:
    """``100 -> 90``; of two long strings what lies around their difference."""
    if full or not (isinstance(before, str) and isinstance(after, str)) or max(len(before), len(after)) <= LIMIT:
        return f"{value_text(before, full=full)} -> {value_text(after, full=full)}"
    start, end = _common(before, after)
    start, end = max(0, start - AROUND), max(0, end - AROUND)
    sides = (_window(text, start, len(text) - end) for text in (before, after))
    return " -> ".join(sides)


def compact(value: Any) -> str:
    """JSON on one line, keys sorted, numbers as they were written; a `Leaf` stands as its words."""
    if isinstance(value, dict):
        items = (f"{json.dumps(key, ensure_ascii=False)}: {compact(value[key])}" for key in sorted(value))
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(compact, value)) + "]"
    if isinstance(value, Leaf):
        return _WORDS[value]
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _string(text: str, *, full: bool) -> str:
    if full or len(text) <= LIMIT:
        return quote(text)
    half = LIMIT // 2
    return f"{quote(text[:half])[:-1]}...{quote(text[-half:])[1:]} ({len(text):,} characters)"


def _window(text: str, start: int, end: int) -> str:
    """The part from start to end, elided in the middle where it is long; dots tell what is left out."""
    part = text[start:end]
    if len(part) > LIMIT:
        middle = f"{quote(part[: LIMIT * 2 // 3])[:-1]}...{quote(part[-LIMIT // 3 :])[1:]}"
    else:
        middle = quote(part)
    left, right = "..." if start else "", "..." if end < len(text) else ""
    return f'"{left}{middle[1:-1]}{right}" ({len(text):,} characters)'


def _common(before: Sequence[Any], after: Sequence[Any]) -> tuple[int, int]:
    """How many items are equal at the start and, besides those, at the end."""
    shortest = min(len(before), len(after))
    start = 0
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def only_whitespace(before: str, after: str) -> bool:
    """Whether two texts differ in blanks and line ends alone."""
    return before != after and before.split() == after.split()


def line_diff(before: str, after: str) -> Iterator[str]:
    r"""The lines that differ, as ``- old`` and ``+ new``, each with one equal line around; gaps as ``...``.

    Line ends count: a carriage return shows as ``\r``, a missing last line end as a note.
    """
    old, new = _lines(before), _lines(after)
    start, end = _common(old, new)
    last = -1
    for tag, i1, i2, j1, j2 in _opcodes(old, new, start, end):
        if tag == "equal":
            continue
        first = max(i1 - 1, last, 0)
        if first > max(last, 0):
            yield "..."
        yield from (f"  {safe(line)}" for line in old[first:i1])
        yield from (f"- {safe(line)}" for line in old[i1:i2])
        yield from (f"+ {safe(line)}" for line in new[j1:j2])
        last = i2
    if before.endswith("\n") != after.endswith("\n"):
        yield "(a line end at the very end was " + ("removed)" if before.endswith("\n") else "added)")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _opcodes(old: list[str], new: list[str], start: int, end: int) -> Iterator[tuple[str, int, int, int, int]]:
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle_old) * len(middle_new) > MATCH_LIMIT:
        yield "replace", start, len(old) - end, start, len(new) - end
        return
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        yield tag, i1 + start, i2 + start, j1 + start, j2 + start
