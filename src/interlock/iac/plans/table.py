"""A plan, or what differs in meaning between two, as text for people. Pure: entries in, lines out.

Rules: one line for each thing, its mark before its address, what differs below it; every text from outside goes through
`text.safe`; colour repeats what a mark or word says; only where all is not asked for are values elided, and then the
line says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from interlock.iac.plans.compare import Change
from interlock.iac.plans.difference import SET, Differing, Place
from interlock.iac.plans.model import NO_OP, Effect, Plan
from interlock.iac.plans.text import line_diff, pair_text, path_text, safe, value_text
from interlock.iac.plans.values import Leaf
from interlock.iac.plans.view import Entry
from interlock.web.output import pad, width

LINES = 24
"""Lines of one text difference that are shown by default."""
CHANGES = 40
"""Differing places of one resource that are shown by default."""
_MARGIN, _INDENT, _GAP = 11, 15, 3
_WIDEST = 60
_WHOLE = {Effect.CREATE, Effect.DESTROY, Effect.READ}
Style = Callable[[str, str], str]
_STYLES = {"+": "good", "~": "caution", "-/+": "bad", "+/-": "bad", "-": "bad", "./+": "bad", "!": "caution"}
_STATUS = {"fail": "bad", "error": "bad", "unknown": "caution", "pass": "good"}


def header(plan: Plan, digest: str, style: Style) -> Iterator[str]:
    """Who made the plan, its digest, and how much it does."""
    state = {True: ", complete", False: ", incomplete", None: ""}[plan.complete]
    made = f"{safe(plan.tool)} {safe(plan.tool_version)}, format {safe(plan.format_version)}{state}"
    yield f"{style(safe(plan.name), 'strong')}  {made}          {digest}"
    if plan.errored:
        yield style("errored: planning failed half-way, such a plan cannot be applied", "bad")
    if plan.complete is False:
        yield style("incomplete: it leaves out something (targets or deferred changes)", "caution")
    if plan.refresh_only:
        yield "refresh only: applying it writes the state and changes no infrastructure"
    yield summary(plan)


def summary(plan: Plan) -> str:
    """``2 to create, 1 to replace; 1 drifted; 41 unchanged (--full shows them)``."""
    counts = plan.counts()
    unchanged = counts.pop(Effect.UNCHANGED, 0)
    parts = [", ".join(f"{number} to {effect}" for effect, number in counts.items()) or "no resource to change"]
    failing = sum(check.status in {"fail", "error"} for check in plan.checks)
    changed = 0 if counts else sum(output.actions != NO_OP for output in plan.outputs)
    for number, one, many in (
        (len(plan.drift), "drifted", "drifted"),
        (changed, "output changes", "outputs change"),
        (failing, "check fails", "checks fail"),
        (len(plan.deferred), "put off", "put off"),
        (len(plan.invocations), "action runs", "actions run"),
    ):
        if number:
            parts.append(f"{number} {one if number == 1 else many}")
    if unchanged:
        parts.append(f"{unchanged} unchanged (--full shows them)")
    return "; ".join(parts)


def lines(entries: Iterable[Entry], column: int, style: Style, *, full: bool) -> Iterator[str]:
    """The entries as lines, each label once for all that follow under it.

    Args:
        entries: in the order to be shown.
        column: where details begin, from `detail_column`.
        style: draws a text in a style of `web.output.STYLES`.
        full: elide nothing.
    """
    group = label = ""
    for entry in entries:
        if entry.group != group:
            group, label = entry.group, ""
            yield style(safe(group), "strong")
        first = "" if entry.label == label else entry.label
        label = entry.label
        yield from _entry(entry, first, column, style, full=full)


def detail_column(addresses: Iterable[str]) -> int:
    """Where details begin so that those of most entries stand below each other."""
    widest = max((width(safe(address)) for address in addresses), default=0)
    return _MARGIN + 2 + min(widest, _WIDEST) + _GAP


def _entry(entry: Entry, first: str, column: int, style: Style, *, full: bool) -> Iterator[str]:
    room = max(_MARGIN - width(first), len(entry.mark) + 1)
    mark = style(entry.mark, _STYLES.get(entry.mark, "note")) if entry.mark else ""
    head = f"{first}{' ' * (room - len(entry.mark))}{mark}  "
    address = safe(entry.address)
    scalar = _scalar(entry)
    details = [safe(part) for part in entry.details]
    if scalar:
        details += _sides(scalar, alone=_alone(entry), full=full)
    if not details:
        yield head + address
    else:
        yield head + pad(address, column - _MARGIN - 2 - _GAP) + " " * _GAP + _styled(entry, details, style)
    if not scalar and entry.changes:
        yield from _changes(entry, column, style, full=full)
    if entry.body is not None and full:
        yield " " * _INDENT + value_text(entry.body, full=True)


def _styled(entry: Entry, details: Sequence[str], style: Style) -> str:
    text = ": ".join(details) if entry.section == "check" else "; ".join(details)
    return style(text, _STATUS.get(entry.effect, "caution")) if entry.section == "check" else text


def _scalar(entry: Entry) -> Change | None:
    """The only difference of an output that is no container: it stands on the line of the output itself."""
    found = entry.changes
    alone = entry.section == "output" and len(found) == 1 and not found[0].path and not found[0].inside
    return found[0] if alone and not found[0].multiline else None


def _changes(entry: Entry, column: int, style: Style, *, full: bool) -> Iterator[str]:
    shown: list[Change] = []
    later: list[Change] = []
    for change in entry.changes:
        quiet = change.after is Leaf.UNKNOWN and not change.forces and entry.effect == Effect.REPLACE
        (later if quiet and not full else shown).append(change)
    limit = len(shown) if full else CHANGES
    names = [safe_path(change) for change in shown[:limit]]
    cells = max([column - _INDENT - _GAP, *(min(width(name), _WIDEST) for name in names)])
    for change, name in zip(shown[:limit], names, strict=True):
        first, *rest = _sides(change, alone=_alone(entry), full=full)
        forced = " " * _GAP + style("forces replacement", "bad") if change.forces else ""
        yield " " * _INDENT + pad(name, cells) + " " * _GAP + first + forced
        yield from (" " * (_INDENT + 2) + _drawn(line, style) for line in rest)
    if len(shown) > limit:
        yield " " * _INDENT + f"... {len(shown) - limit} more (--full shows them)"
    if later:
        listed = ", ".join(safe_path(change) for change in later[:CHANGES])
        more = "" if len(later) <= CHANGES else f", and {len(later) - CHANGES} more"
        yield " " * _INDENT + f"? known after apply: {listed}{more}"


def safe_path(change: Change) -> str:
    """``policy (JSON) Statement[0].Effect``; a path escapes what it quotes."""
    path = path_text(change.path)
    return f"{path} ({change.syntax}) {path_text(change.inside)}".strip() if change.inside else path


def _alone(entry: Entry) -> bool:
    """Whether there is one side only, because the thing appears or goes as a whole."""
    return entry.effect in {Effect.CREATE, Effect.DESTROY, Effect.READ, Effect.FORGET}


def _drawn(line: str, style: Style) -> str:
    return style(line, {"+": "good", "-": "bad"}[line[0]]) if line[:1] in {"+", "-"} else line


def _sides(change: Change, *, alone: bool, full: bool) -> list[str]:
    """What one place becomes: one line, and for a text of many lines those that differ."""
    if change.formatting or (change.note and change.before == change.after):
        return [change.note]
    texts = [side for side in (change.before, change.after) if side is not None and side is not Leaf.MISSING]
    if change.multiline and all(isinstance(side, str) for side in texts) and (full or not alone):
        old, new = (side if isinstance(side, str) else "" for side in (change.before, change.after))
        first = change.note or f"{_described(change.before)} -> {_described(change.after)}"
        return [first, *_limited(line_diff(old, new), full=full)]
    if alone and Leaf.MISSING in (change.before, change.after):
        sides = value_text(change.after if change.before is Leaf.MISSING else change.before, full=full)
    else:
        sides = pair_text(change.before, change.after, full=full)
    return [f"{sides}   {change.note}" if change.note else sides]


def _described(side: object) -> str:
    return _count(side) if isinstance(side, str) else value_text(side)


def _count(text: str) -> str:
    number = len(text.splitlines())
    return f"{number:,} line" if number == 1 else f"{number:,} lines"


def _limited(found: Iterator[str], *, full: bool) -> Iterator[str]:
    if full:
        yield from found
        return
    for line in islice(found, LINES):
        yield line if len(line) <= 2 * _WIDEST else f"{line[: 2 * _WIDEST]}..."
    left = sum(1 for _ in found)
    if left:
        yield f"... {left:,} more lines (--full shows them)"


def difference_lines(found: Sequence[Differing], style: Style, *, full: bool) -> Iterator[str]:
    """What differs in meaning, a line a thing; below it, what the old plan would leave and what the new one would."""
    counts = Counter(item.kind for item in found)
    yield (
        ", ".join(f"{counts[kind]} {kind}" for kind in ("added", "removed", "changed") if counts[kind]) + " in meaning"
    )
    column = detail_column(_named(item) for item in found)
    label = ""
    for item in found:
        # What differs in an output that is no container stands on the line of the output itself.
        scalar = item.places if len(item.places) == 1 and not safe_path(item.places[0].change) else ()
        told = (*_told(item), *(line for place in scalar for line in _place(place, full=full)))
        entry = Entry("difference", _named(item), item.kind, item.mark, details=told)
        yield from _entry(entry, "" if item.kind == label else item.kind, column, style, full=full)
        label = item.kind
        if not scalar:
            yield from _places(item, column, style, full=full)


def _places(item: Differing, column: int, style: Style, *, full: bool) -> Iterator[str]:
    if not full and item.old_effect != item.new_effect and not _WHOLE.isdisjoint((item.old_effect, item.new_effect)):
        if item.places:
            yield " " * _INDENT + f"{len(item.places)} values differ (--full shows them)"
        return
    limit = len(item.places) if full else CHANGES
    names = [safe_path(place.change) for place in item.places[:limit]]
    cells = max([column - _INDENT - _GAP, *(min(width(name), _WIDEST) for name in names)])
    for place, name in zip(item.places[:limit], names, strict=True):
        first, *rest = _place(place, full=full)
        yield " " * _INDENT + pad(name, cells) + " " * _GAP + first
        yield from (" " * (_INDENT + 2) + _drawn(line, style) for line in rest)
    if len(item.places) > limit:
        yield " " * _INDENT + f"... {len(item.places) - limit} more (--full shows them)"


def _named(item: Differing) -> str:
    return item.address if item.section in {"resource", "check"} else f"{item.section} {item.address}"


def _told(item: Differing) -> Iterator[str]:
    if item.old_effect != item.new_effect:
        yield " -> ".join(effect for effect in (item.old_effect, item.new_effect) if effect)
    yield from item.notes


def _place(place: Place, *, full: bool) -> list[str]:
    if place.old == place.new == SET:
        return _sides(place.change, alone=False, full=full)
    sides = ((place.old, place.change.before), (place.new, place.change.after))
    words = [value_text(value, full=full) if outcome == SET else outcome for outcome, value in sides]
    return [" -> ".join(words)]
