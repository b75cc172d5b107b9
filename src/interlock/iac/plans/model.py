"""The Plan: what a driver proposes to do, in one shape for every driver. Pure.

Rules: a resource change is known by (address, deposed); actions keep their order, which is the order of a replacement;
clear values are reached only through `ResourceChange.values` and `OutputChange.values`, are never printed (``repr`` hides
them) and are decoded one resource at a time, so that a plan of any size stays small in memory; an action that we do
not know is refused by the reader, never guessed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Effect(StrEnum):
    """What happens to one resource, in the order in which plans are shown."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    READ = "read"
    MOVE = "move"
    IMPORT = "import"
    FORGET = "forget"
    UNCHANGED = "unchanged"


MARKS = {
    ("create",): "+",
    ("update",): "~",
    ("delete", "create"): "-/+",
    ("create", "delete"): "+/-",
    ("delete",): "-",
    ("read",): "<=",
    ("forget",): ".",
    ("forget", "create"): "./+",
}
"""Plan marks by actions; a pure move is ``>``, a pure import ``<``, drift ``!``, a value known after apply ``?``."""

_EFFECTS = {
    ("create",): Effect.CREATE,
    ("update",): Effect.UPDATE,
    ("delete", "create"): Effect.REPLACE,
    ("create", "delete"): Effect.REPLACE,
    ("delete",): Effect.DESTROY,
    ("read",): Effect.READ,
    ("forget",): Effect.FORGET,
    ("forget", "create"): Effect.REPLACE,
}
NO_OP = ("no-op",)
KNOWN_ACTIONS = frozenset({*_EFFECTS, NO_OP})


@dataclass(frozen=True, slots=True)
class Values:
    """The two sides of one change, in clear. Trees of JSON; a number that is no integer is a `decimal.Decimal`.

    Attributes:
        before, after: the values; ``after`` lacks what is not known yet.
        unknown: ``True`` or a tree of ``True`` where ``after`` is known only after apply.
        before_sensitive, after_sensitive: ``True`` or a tree of ``True`` where values are secret.
    """

    before: Any = field(repr=False)
    after: Any = field(repr=False)
    unknown: Any = False
    before_sensitive: Any = False
    after_sensitive: Any = False


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What happens to one resource (or deposed object) of a stack.

    Attributes:
        address: absolute, with module path and instance key.
        deposed: key of a deposed object, else empty.
        actions: as planned, in order.
        reason: the tool's hint why (``replace_because_tainted``), an open set.
        replace_paths: the attribute paths that force replacement.
        importing: what is imported (``id`` or ``identity``), None when nothing is.
        values: decodes the two sides; in clear.
    """

    address: str
    deposed: str
    previous_address: str
    module: str
    mode: str
    type: str
    name: str
    index: str | int | None
    provider: str
    actions: tuple[str, ...]
    reason: str
    replace_paths: tuple[tuple[str | int, ...], ...]
    importing: dict[str, Any] | None
    values: Callable[[], Values] = field(repr=False, compare=False)

    @property
    def effect(self) -> Effect:
        """What happens, in one word; a pure import or move counts only where nothing else happens."""
        if self.actions != NO_OP:
            return _EFFECTS[self.actions]
        if self.importing is not None:
            return Effect.IMPORT
        return Effect.MOVE if self.moved else Effect.UNCHANGED

    @property
    def moved(self) -> bool:
        """Whether the address is another one than in the state."""
        return self.previous_address not in {"", self.address}

    @property
    def mark(self) -> str:
        """The plan mark: ``+``, ``-/+`` and so on; empty when unchanged."""
        if self.actions != NO_OP:
            return MARKS[self.actions]
        return {Effect.IMPORT: "<", Effect.MOVE: ">"}.get(self.effect, "")

    @property
    def key(self) -> tuple[str, str]:
        """What names it within the plan."""
        return (self.address, self.deposed)


@dataclass(frozen=True, slots=True)
class OutputChange:
    """What happens to one output of the root module."""

    name: str
    actions: tuple[str, ...]
    values: Callable[[], Values] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one checkable object: a ``check`` block, condition or validation; ``pass fail error unknown``."""

    address: str
    kind: str
    status: str
    messages: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A change that the tool puts off to a later plan, and why."""

    reason: str
    change: ResourceChange


@dataclass(frozen=True, slots=True)
class Invocation:
    """An action that the provider will run (Terraform 1.14 ``action`` blocks); ``body`` is masked."""

    address: str
    body: dict[str, Any]
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One proposal of a driver.

    Attributes:
        name: how the user named it, such as ``plan.json``.
        tool, tool_version, format_version: who made it; ``OpenTofu``, ``1.12.6``, ``1.2``.
        complete: False when the plan leaves something out (targeting, deferral), None when the tool does not say.
        errored: planning failed half-way; such a plan cannot be applied.
        refresh_only: applying it writes the state and changes no infrastructure.
        resources: every resource change, unchanged ones included, in the file's order.
        drift: what changed outside since the last apply.
    """

    name: str
    tool: str
    tool_version: str
    format_version: str
    complete: bool | None
    errored: bool
    refresh_only: bool
    resources: Sequence[ResourceChange]
    drift: Sequence[ResourceChange]
    outputs: Sequence[OutputChange]
    checks: Sequence[Check]
    deferred: Sequence[Deferred]
    invocations: Sequence[Invocation]

    def counts(self) -> dict[Effect, int]:
        """How many resources meet each effect, in display order, without those that are zero."""
        counter = Counter(resource.effect for resource in self.resources)
        return {effect: counter[effect] for effect in Effect if counter[effect]}

    def headline(self) -> str:
        """``OpenTofu 1.9.1, 12 resources: 3 create, 1 update, 1 replace, 7 unchanged``."""
        total = len(self.resources)
        noun = "resource" if total == 1 else "resources"
        counts = ", ".join(f"{number} {effect}" for effect, number in self.counts().items())
        return f"{self.tool} {self.tool_version}, {total} {noun}" + (f": {counts}" if counts else "")
