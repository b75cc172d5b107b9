"""Pairs of value trees with their marks: what is unknown, what is secret, what differs. Pure.

Rules: a mark on a container covers all below it; a leaf that is secret on either side is secret on both, or the other
side would tell; unknown is laid over before secrets are masked, so a secret that becomes unknown counts as changed;
equality is that of JSON with decimal numbers: ``1``, ``1.0`` and ``1e0`` are one number, ``true`` is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from interlock.iac.plans.model import Values
from interlock.kernel.errors import Invalid

Path = tuple[str | int, ...]
DEPTH_LIMIT = 100
"""Levels of nesting in one value; Terraform's own types stay far below."""


class Leaf(Enum):
    """Leaves that stand for no JSON value."""

    MISSING = "missing"
    UNKNOWN = "known after apply"
    SENSITIVE = "(sensitive)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the two sides differ, or that is secret.

    Attributes:
        path: from the top of the value; empty for the value itself.
        before, after: JSON values or `Leaf`; `Leaf.SENSITIVE` on both sides of a secret.
        changed: whether the sides differ; False only for a secret that stays the same.
    """

    path: Path
    before: Any
    after: Any
    changed: bool = True


def union(left: Any, right: Any) -> Any:
    """Join two trees of marks; what either marks is marked."""
    if left is True or right is True:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return {key: union(left.get(key), right.get(key)) for key in [*left, *(k for k in right if k not in left)]}
    if isinstance(left, list) and isinstance(right, list):
        longest = max(len(left), len(right))
        return [union(_at(left, i), _at(right, i)) for i in range(longest)]
    if marked(left) and marked(right):
        return True
    return left if marked(left) else right or left or False


def marked(marks: Any) -> bool:
    """Whether a tree of marks marks anything."""
    if isinstance(marks, dict):
        return any(map(marked, marks.values()))
    if isinstance(marks, list):
        return any(map(marked, marks))
    return marks is True


def lay(value: Any, marks: Any, leaf: Leaf) -> Any:
    """Put ``leaf`` wherever the tree of marks says so; marks may name places that the value lacks."""
    if marks is True:
        return leaf
    if isinstance(marks, dict) and marked(marks):
        value = value if isinstance(value, dict) else {}
        laid = {key: lay(item, marks.get(key), leaf) for key, item in value.items()}
        return laid | {
            key: lay(Leaf.MISSING, mark, leaf) for key, mark in marks.items() if key not in value and marked(mark)
        }
    if isinstance(marks, list) and marked(marks):
        value = value if isinstance(value, list) else []
        longest = max(len(value), _last_mark(marks))
        return [lay(_at(value, i, Leaf.MISSING), _at(marks, i), leaf) for i in range(longest)]
    return value


def shown(values: Values) -> tuple[Any, Any]:
    """Both sides as they may be shown: unknown laid over, secrets masked on both."""
    before, after = values.before, lay(values.after, values.unknown, Leaf.UNKNOWN)
    secret = union(values.before_sensitive, values.after_sensitive)
    if not marked(secret):
        return before, after
    return _mask(before, secret), _mask(after, secret)


def differences(values: Values) -> Iterator[Difference]:
    """Every place where the sides differ, and every secret place, in path order of the value.

    Raises:
        Invalid: nested deeper than `DEPTH_LIMIT`.
    """
    after = lay(values.after, values.unknown, Leaf.UNKNOWN)
    secret = union(values.before_sensitive, values.after_sensitive)
    yield from _differ((), values.before, after, secret)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values with decimal numbers."""
    return bool(tag(left) == tag(right))


def tag(value: Any) -> Any:
    """A JSON value whose numbers cannot be mistaken: ``["n", "15e-1"]``, lists as ``["l", ...]``, leaves as ``["u"]``.

    Two values are equal as JSON with decimal numbers exactly if their tagged forms are equal.

    Raises:
        Invalid: nested deeper than `DEPTH_LIMIT`.
    """
    return _tag(value, DEPTH_LIMIT)


def _tag(value: Any, left: int) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | Decimal | float):
        return ["n", decimal_text(value)]
    if left == 0:
        raise _too_deep()
    if isinstance(value, dict):
        return {key: _tag(item, left - 1) for key, item in value.items()}
    if isinstance(value, list):
        return ["l", *(_tag(item, left - 1) for item in value)]
    return [{Leaf.MISSING: "m", Leaf.UNKNOWN: "u", Leaf.SENSITIVE: "s"}[value]]


def decimal_text(number: float | Decimal) -> str:
    """One text for each number, however it is written: digits without trailing zeros, ``e``, exponent."""
    parts = (number if isinstance(number, Decimal) else Decimal(str(number))).as_tuple()
    digits = "".join(map(str, parts.digits)).lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped or not isinstance(parts.exponent, int):
        return "0"
    sign = "-" if parts.sign else ""
    return f"{sign}{stripped}e{parts.exponent + len(digits) - len(stripped)}"


def _differ(path: Path, before: Any, after: Any, secret: Any) -> Iterator[Difference]:
    if len(path) > DEPTH_LIMIT:
        raise _too_deep()
    if secret is True:
        yield Difference(path, Leaf.SENSITIVE, Leaf.SENSITIVE, changed=not same(before, after))
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            sides = before.get(key, Leaf.MISSING), after.get(key, Leaf.MISSING)
            yield from _differ((*path, key), *sides, _below(secret, key))
    elif isinstance(before, list) and isinstance(after, list):
        for i in range(max(len(before), len(after))):
            sides = _at(before, i, Leaf.MISSING), _at(after, i, Leaf.MISSING)
            yield from _differ((*path, i), *sides, _below(secret, i))
    elif isinstance(before, dict | list) or isinstance(after, dict | list):
        yield from _unlike(path, before, after, secret)
    elif not same(before, after):
        yield Difference(path, before, after)


def _unlike(path: Path, before: Any, after: Any, secret: Any) -> Iterator[Difference]:
    """Sides of different shape: the containers stand as empty, and what they hold follows leaf by leaf."""
    yield Difference(path, _emptied(before), _emptied(after))
    if isinstance(before, dict | list):
        yield from _differ(path, before, _emptied(before), secret)
    if isinstance(after, dict | list):
        yield from _differ(path, _emptied(after), after, secret)


def _emptied(side: Any) -> Any:
    return type(side)() if isinstance(side, dict | list) else side


def _below(marks: Any, step: str | int) -> Any:
    """The marks one step down; marks of another shape than the value cover all of it."""
    if isinstance(marks, dict) and isinstance(step, str):
        return marks.get(step)
    if isinstance(marks, list) and isinstance(step, int):
        return _at(marks, step)
    return marked(marks)


def _mask(value: Any, secret: Any) -> Any:
    """Mask what is there; a mark on nothing masks nothing, but for the value itself."""
    if secret is True:
        return value if value is None or value is Leaf.MISSING else Leaf.SENSITIVE
    if isinstance(secret, dict) and isinstance(value, dict):
        return {key: _mask(item, secret.get(key)) for key, item in value.items()}
    if isinstance(secret, list) and isinstance(value, list):
        return [_mask(item, _at(secret, i)) for i, item in enumerate(value)]
    return Leaf.SENSITIVE if marked(secret) and value is not None and value is not Leaf.MISSING else value


def _last_mark(marks: list[Any]) -> int:
    return max((i + 1 for i, mark in enumerate(marks) if marked(mark)), default=0)


def _at(items: Any, index: int, default: Any = None) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else default


def _too_deep() -> Invalid:
    return Invalid(
        f"a value is nested deeper than {DEPTH_LIMIT} levels",
        why="no provider's type is; such a plan is damaged or hostile",
    )
