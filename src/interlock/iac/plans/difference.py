"""What differs in meaning between two plans, as people read it. Pure.

Rules: two plans differ here exactly when their digests differ; the meanings of the old plan are held as hashes and only
those that differ are decoded again, so two large, almost equal plans stay small in memory; a secret is told as changed
or unchanged only; everything is masked by what is secret in either file.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from interlock.iac.plans.clean import Clean, below
from interlock.iac.plans.compare import Change, changes
from interlock.iac.plans.embedded import document_marks
from interlock.iac.plans.meaning import Meaning, meanings
from interlock.iac.plans.model import OutputChange, Plan, ResourceChange, Values
from interlock.iac.plans.text import pair_text, value_text
from interlock.iac.plans.values import Leaf, Path, union
from interlock.iac.plans.view import natural
from interlock.kernel.canonical import canonical_json

Key = tuple[str, str]
_SECTIONS = ("plan", "resource", "drift", "output", "check", "deferred", "action")
_KINDS = ("added", "removed", "changed")
_TAGS = {"m": Leaf.MISSING, "u": Leaf.UNKNOWN, "s": Leaf.SENSITIVE}
_DIGITS = 400
UNTOUCHED, SET, UNKNOWN = "untouched", "set", "known after apply"
SECRET = {True: "secret changed", False: "secret unchanged"}


@dataclass(frozen=True, slots=True)
class Place:
    """One path at which the two plans would do something else.

    Attributes:
        change: ``before`` is what the old plan would leave there, ``after`` what the new one would.
        old: what the old plan does there: ``set``, ``untouched``, ``known after apply``, ``secret changed`` or
            ``secret unchanged``.
        new: likewise of the new plan.
    """

    change: Change
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Differing:
    """One thing that only one plan would do, or both differently.

    Attributes:
        kind: ``added`` (only in the new plan), ``removed`` (only in the old one) or ``changed``.
        section: ``plan resource drift output check deferred action``.
        address: masked.
        old_effect: what the old plan does with it; empty where it has none.
        new_effect: likewise of the new plan.
        mark: the plan mark of the side that has it, the new one before the old.
        notes: what differs besides values.
        places: where values differ.
    """

    kind: str
    section: str
    address: str
    old_effect: str = ""
    new_effect: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


def difference(old: Plan, new: Plan, clean: Clean) -> list[Differing]:
    """Everything in which two plans differ in meaning, added first; empty exactly when their digests are equal.

    Raises:
        Invalid: a value is damaged or nested too deeply.
    """
    left, right = _hashes(old), _hashes(new)
    keys = {key for key in {*left, *right} if left[key] != right[key]}
    if not keys:
        return []
    shared = {key: left[key] & right[key] for key in keys}
    sides = _side(old, keys, shared), _side(new, keys, shared)
    found = [item for key in keys for item in _of_key(key, sides, clean)]
    return sorted(found, key=lambda x: (_KINDS.index(x.kind), _SECTIONS.index(x.section), natural(x.address)))


def _hashes(plan: Plan) -> defaultdict[Key, Counter[bytes]]:
    found: defaultdict[Key, Counter[bytes]] = defaultdict(Counter)
    for item in meanings(plan):
        found[item.section, item.key][_hash(item)] += 1
    return found


def _hash(item: Meaning) -> bytes:
    return hashlib.sha256(canonical_json(item.body)).digest()


@dataclass(frozen=True, slots=True)
class _Side:
    bodies: dict[Key, list[dict[str, Any]]]
    objects: dict[Key, ResourceChange | OutputChange]


def _side(plan: Plan, keys: set[Key], shared: dict[Key, Counter[bytes]]) -> _Side:
    """The bodies of differing keys that the other plan lacks, and the changes that they stand for."""
    bodies: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
    left = {key: Counter(names) for key, names in shared.items() if names}
    for item in meanings(plan):
        key = (item.section, item.key)
        if key not in keys:
            continue
        name = _hash(item) if key in left else b""
        if name and left[key][name]:
            left[key][name] -= 1
        else:
            bodies[key].append(item.body)
    return _Side(dict(bodies), {key: item for key, item in _objects(plan) if key in keys})


def _objects(plan: Plan) -> Iterator[tuple[Key, ResourceChange | OutputChange]]:
    for section, found in (
        ("resource", plan.resources),
        ("drift", plan.drift),
        ("deferred", [item.change for item in plan.deferred]),
    ):
        for item in found:
            name = f"{item.address} (deposed {item.deposed})" if item.deposed else item.address
            yield (section, name), item
    for output in plan.outputs:
        yield ("output", output.name), output


def _of_key(key: Key, sides: tuple[_Side, _Side], clean: Clean) -> Iterator[Differing]:
    old, new = (side.bodies.get(key, []) for side in sides)
    was, now = (side.objects.get(key) for side in sides)
    address = clean.text(key[1])
    mark = next((item.mark for item in (now, was) if isinstance(item, ResourceChange)), "")
    for i in range(max(len(old), len(new))):
        before = old[i] if i < len(old) else None
        after = new[i] if i < len(new) else None
        kind = "added" if before is None else "removed" if after is None else "changed"
        item = Differing(
            kind,
            key[0],
            address,
            clean.text(_effect(was, before)),
            clean.text(_effect(now, after)),
            "!" if key[0] == "drift" else mark,
        )
        if before is not None and after is not None:
            secret = union(_secret(was), _secret(now))
            places = tuple(
                place
                for place in _places(before, after, secret, clean)
                # That a resource appears or goes as a whole is said by the effects.
                if place.change.path or item.old_effect == item.new_effect
            )
            item = replace(item, notes=tuple(_notes(before, after, clean)), places=places)
        yield item


def _effect(item: ResourceChange | OutputChange | None, body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    if isinstance(item, ResourceChange):
        return str(item.effect)
    actions = body.get("actions")
    return {"delete": "destroy"}.get(actions[0], str(actions[0])) if actions else str(body.get("status", ""))


def _secret(item: ResourceChange | OutputChange | None) -> Any:
    """All that is marked or guessed as secret in one change; an output's name may tell that it is."""
    if item is None:
        return False
    values = item.values()
    guessed: Any = union(document_marks(values.before), document_marks(values.after))
    if isinstance(item, OutputChange):
        named = [document_marks({item.name: side}) for side in (values.before, values.after)]
        guessed = union(guessed, any(marks.get(item.name) is True for marks in named))
    return union(guessed, union(values.before_sensitive, values.after_sensitive))


def _notes(old: dict[str, Any], new: dict[str, Any], clean: Clean) -> Iterator[str]:
    for field in sorted({*old, *new} - {"changes", "actions", "body", "status"}):
        if old.get(field) != new.get(field):
            before, after = (clean.tree(untag(side.get(field))) for side in (old, new))
            yield f"{field.replace('_', ' ')} {value_text(before or None)} -> {value_text(after or None)}"


def _places(old: dict[str, Any], new: dict[str, Any], secret: Any, clean: Clean) -> Iterator[Place]:
    if "body" in old or "body" in new:
        values = Values(before=untag(old.get("body")), after=untag(new.get("body")))
        yield from (Place(change, SET, SET) for change in changes(values, clean))
        return
    left, right = _by_path(old), _by_path(new)
    for path in sorted({*left, *right}, key=_path_order):
        was, now = left.get(path, []), right.get(path, [])
        for i in range(max(len(was), len(now))):
            before, after = (side[i] if i < len(side) else None for side in (was, now))
            if before != after:
                yield from _place(path, before, after, hidden=_covered(secret, path), clean=clean)


def _by_path(body: dict[str, Any]) -> dict[Path, list[list[Any]]]:
    found: defaultdict[Path, list[list[Any]]] = defaultdict(list)
    for path, *rest in body.get("changes", []):
        found[tuple(step if isinstance(step, str) else int(untag(step)) for step in path)].append(rest)
    return found


def _path_order(path: Path) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in path)


def _covered(marks: Any, path: Path) -> bool:
    for step in path:
        if marks is True:
            return True
        marks = below(marks, step)
    return marks is True


def _place(path: Path, old: Any, new: Any, *, hidden: bool, clean: Clean) -> Iterator[Place]:
    was, now = _outcome(old), _outcome(new)
    sides = _left(old), _left(new)
    found = list(_between(*sides, hidden=hidden, clean=clean))
    if not found and not (was == now == SET):
        found = [Change((), *sides)]
    start = ""
    if was == now == SET:
        starts = list(_between(untag(old[1]), untag(new[1]), hidden=hidden, clean=clean))
        if starts and found:
            start = f"starts from {pair_text(starts[0].before, starts[0].after)}"
        elif starts:
            found = [replace(change, note=_joined(change.note, "before the change")) for change in starts]
    for i, change in enumerate(found):
        note = _joined(change.note, "" if i else start)
        yield Place(replace(change, path=clean.path((*path, *change.path)), note=note), was, now)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _between(old: Any, new: Any, *, hidden: bool, clean: Clean) -> Iterator[Change]:
    """What differs between two values at one path; they stand under a name of ours, so that only marks hide them."""
    for change in changes(Values({"": old}, {"": new}, before_sensitive={"": hidden}), clean):
        yield replace(change, path=change.path[1:])


def _outcome(entry: Any) -> str:
    if entry is None:
        return UNTOUCHED
    if entry[0] == "secret":
        return SECRET[bool(entry[1])]
    return UNKNOWN if entry[0] == "unknown" else SET


def _left(entry: Any) -> Any:
    """What a plan leaves at a path."""
    if entry is None:
        return Leaf.MISSING
    if entry[0] == "secret":
        return Leaf.SENSITIVE
    return Leaf.UNKNOWN if entry[0] == "unknown" else untag(entry[2])


def untag(value: Any) -> Any:
    """The inverse of `values.tag`."""
    if isinstance(value, dict):
        return {key: untag(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) == 1 and value[0] in _TAGS:
        return _TAGS[value[0]]
    if value[0] == "n":
        number = Decimal(value[1])
        whole = number == number.to_integral_value() and number.adjusted() < _DIGITS
        return int(number) if whole else number
    return [untag(item) for item in value[1:]]
