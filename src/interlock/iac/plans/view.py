"""A plan as entries that are shown one after the other: chosen, ordered, explained, masked. Pure.

Rules: every text of an entry is masked here, so no format can tell a secret; entries come in an order that does not
depend on the file; the values of one resource are decoded when its entry is made and let go after it; what a created
or destroyed object holds, what is unchanged and checks that pass are shown only when all is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from interlock.iac.plans.clean import Clean, masked
from interlock.iac.plans.compare import Change, changes
from interlock.iac.plans.embedded import document_marks
from interlock.iac.plans.model import NO_OP, Check, Deferred, Effect, Invocation, OutputChange, Plan, ResourceChange
from interlock.iac.plans.text import compact, path_text, reason_text
from interlock.iac.plans.values import Leaf, Path
from interlock.kernel.errors import Invalid

SECTIONS = ("drift", "outputs", "checks", "deferred", "actions")
GROUPS = ("action", "module", "type")
ROOT_MODULE = "root module"
_COMPARED = frozenset({Effect.UPDATE, Effect.REPLACE})
_DRIFTED = {
    Effect.CREATE: "created outside",
    Effect.UPDATE: "changed outside",
    Effect.REPLACE: "replaced outside",
    Effect.DESTROY: "deleted outside",
    Effect.MOVE: "moved",
}
_OUTPUT_EFFECTS: dict[tuple[str, ...], Effect] = {
    ("create",): Effect.CREATE,
    ("delete",): Effect.DESTROY,
    NO_OP: Effect.UNCHANGED,
}
_OUTPUT_MARKS = {Effect.CREATE: "+", Effect.DESTROY: "-", Effect.UPDATE: "~"}


@dataclass(frozen=True, slots=True)
class Select:
    """What of a plan is shown.

    Attributes:
        words: effects and `SECTIONS`; empty for all.
        patterns: addresses, with ``*`` for any text; each also means all that lies within it. Empty for all.
        full: unchanged resources, passing checks, and the values of what is created and destroyed, too.
        group: one of `GROUPS`.
    """

    words: frozenset[str] = frozenset()
    patterns: tuple["re.Pattern[str]", ...] = ()
    full: bool = False
    group: str = "action"

    def takes(self, word: str, address: str, *more: str) -> bool:
        """Whether an entry of this effect or section and address is chosen; ``more`` are words that fit it as well."""
        if self.words and self.words.isdisjoint((word, *more)):
            return False
        return not self.patterns or any(pattern.match(address) for pattern in self.patterns)

    def wants(self, word: str) -> bool:
        """Whether entries of this word are chosen that are hidden by default."""
        return self.full or word in self.words


def select(only: Sequence[str], *, full: bool = False, group: str = "action") -> Select:
    """Read the terms of ``--only``: effects, sections and addresses, commas between them.

    Raises:
        Invalid: a word that is neither; the text names what there is.
    """
    known = {*map(str, Effect), *SECTIONS}
    words, patterns = set(), []
    for term in chain.from_iterable(map(_terms, only)):
        if term in known:
            words.add(term)
        elif "." in term or "*" in term:
            patterns.append(re.compile(f"(?:{re.escape(term).replace(chr(92) + '*', '.*')})(?=[.\\[]|$)", re.DOTALL))
        else:
            raise Invalid(
                f"--only has no {term!r}",
                why="it takes effects, sections and addresses such as module.web or aws_instance.*",
                hint=f"one of: {', '.join([*map(str, Effect), *SECTIONS])}",
            )
    return Select(frozenset(words), tuple(patterns), full, group)


def _terms(text: str) -> list[str]:
    """Split at commas, but not at those inside the quotes of an instance key."""
    return [term.strip() for term in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', text) if term.strip()]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a plan says, masked.

    Attributes:
        section: ``resource drift output check deferred action``.
        address: of the resource, with the deposed key, or a name.
        effect: an `Effect`; of a check its status; of an action ``invoke``.
        mark: the plan mark, may be empty.
        actions: as planned.
        reason: the tool's own word, ``replace_because_tainted``.
        details: why and what else there is to know, in words.
        importing: what is imported.
        changes: what differs.
        body: of an action, what it is invoked with.
        group: the heading when grouped by module or type.
    """

    section: str
    address: str
    effect: str
    mark: str = ""
    actions: tuple[str, ...] = ()
    deposed: str = ""
    reason: str = ""
    details: tuple[str, ...] = ()
    module: str = ""
    type: str = ""
    provider: str = ""
    previous_address: str = ""
    importing: Any = None
    changes: tuple[Change, ...] = ()
    body: Any = None
    group: str = ""

    @property
    def label(self) -> str:
        """The word of the first column."""
        return self.effect if self.section == "resource" else {"drift": "drift", "deferred": "deferred"}.get(
            self.section, f"{self.section}s"
        )  # fmt: skip


def entries(plan: Plan, clean: Clean, chosen: Select) -> Iterator[Entry]:
    """Everything chosen, resources first, in the order of `Effect` and then of the address.

    Raises:
        Invalid: a value is damaged or nested too deeply.
    """
    listed = [_Listed("resource", item) for item in plan.resources if _resource_chosen(item, chosen)]
    listed += [_Listed("drift", item) for item in plan.drift if chosen.takes("drift", item.address)]
    listed.sort(key=lambda item: item.order(chosen.group))
    for item in listed:
        entry = _resource(item.change, clean, chosen.full, drift=item.section == "drift")
        yield replace(entry, group=clean.text(item.group(chosen.group)))
    yield from _outputs(plan.outputs, clean, chosen)
    yield from (_check(check, clean) for check in plan.checks if _check_chosen(check, chosen))
    for deferred in plan.deferred:
        if chosen.takes("deferred", deferred.change.address):
            yield _deferred(deferred, clean, full=chosen.full)
    for invocation in plan.invocations:
        if chosen.takes("actions", invocation.address):
            yield _invocation(invocation, clean)


def explained(plan: Plan, clean: Clean, chosen: Select) -> Iterator[str]:
    """The addresses whose line or block tells more than the address; nothing is decoded."""
    for item in plan.resources:
        told = item.effect in _COMPARED or item.reason or item.moved or item.importing
        if told and _resource_chosen(item, chosen):
            yield clean.text(item.address)
    yield from (clean.text(item.address) for item in plan.drift if chosen.takes("drift", item.address))
    yield from (clean.text(item.name) for item in plan.outputs if item.actions != NO_OP)
    yield from (clean.text(item.address) for item in plan.checks if _check_chosen(item, chosen))


@dataclass(frozen=True, slots=True)
class _Listed:
    section: str
    change: ResourceChange

    def group(self, by: str) -> str:
        if by == "module":
            return self.change.module or ROOT_MODULE
        return self.change.type if by == "type" else ""

    def order(self, by: str) -> tuple[Any, ...]:
        heading = natural(self.group(by)) if by != "action" else ()
        root = by == "module" and bool(self.change.module)
        effect = len(_ORDER) if self.section == "drift" else _ORDER[self.change.effect]
        return (root, heading, effect, natural(self.change.address), self.change.deposed)


_ORDER = {effect: number for number, effect in enumerate(Effect)}


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which ``web[2]`` comes before ``web[10]``."""
    parts = re.split(r"([0-9]{1,18})", text)
    return tuple((int(part), "") if i % 2 else (-1, part) for i, part in enumerate(parts))


def _resource_chosen(item: ResourceChange, chosen: Select) -> bool:
    if item.effect is Effect.UNCHANGED and not chosen.wants("unchanged"):
        return False
    more = [word for word, fits in (("move", item.moved), ("import", item.importing is not None)) if fits]
    return chosen.takes(item.effect, item.address, *more)


def _resource(item: ResourceChange, clean: Clean, full: bool, *, drift: bool) -> Entry:  # noqa: FBT001 - private
    compared = item.effect in _COMPARED
    wanted = item.actions != NO_OP and (compared or full)
    found = tuple(_changes(item, clean)) if wanted else ()
    importing = clean.tree(masked(item.importing, document_marks(item.importing)))
    return Entry(
        section="drift" if drift else "resource",
        address=clean.text(f"{item.address} (deposed {item.deposed})" if item.deposed else item.address),
        effect=str(item.effect),
        mark="!" if drift else item.mark,
        actions=item.actions,
        deposed=clean.text(item.deposed),
        reason=clean.text(item.reason),
        details=tuple(_details(item, clean, found, importing, drift=drift)),
        module=clean.text(item.module),
        type=clean.text(item.type),
        provider=clean.text(item.provider),
        previous_address=clean.text(item.previous_address) if item.moved else "",
        importing=importing,
        changes=found,
    )


def _changes(item: ResourceChange, clean: Clean) -> Iterator[Change]:
    """What differs; that the resource as a whole appears or goes is said by its effect."""
    for change in changes(item.values(), clean, item.replace_paths):
        if change.path or change.secret:
            yield change


def _details(
    item: ResourceChange, clean: Clean, found: Sequence[Change], importing: Any, *, drift: bool
) -> Iterator[str]:
    if drift:
        yield _DRIFTED.get(item.effect, "differs outside")
    if item.reason:
        yield reason_text(clean.text(item.reason))
    if item.moved:
        yield f"was {clean.text(item.previous_address)}"
    if isinstance(importing, dict):
        yield "imports what is known after apply" if importing.get("unknown") else f"imports {_imported(importing)}"
    if item.actions == ("forget", "create"):
        yield "the old object is forgotten, not destroyed"
    elif item.effect is Effect.FORGET:
        yield "stays as it is, no longer managed"
    unseen = [path for path in item.replace_paths if not any(_within(change, path) for change in found)]
    if unseen and item.effect is Effect.REPLACE:
        yield "forced by " + ", ".join(path_text(clean.path(path)) for path in unseen)


def _within(change: Change, path: Path) -> bool:
    return change.forces and change.path[:1] == tuple(path[:1])


def _imported(importing: dict[str, Any]) -> str:
    return compact(importing["id"] if "id" in importing else importing.get("identity", importing))


def _outputs(outputs: Sequence[OutputChange], clean: Clean, chosen: Select) -> Iterator[Entry]:
    for output in sorted(outputs, key=lambda item: natural(item.name)):
        effect = _OUTPUT_EFFECTS.get(output.actions, Effect.UPDATE)
        hidden = effect is Effect.UNCHANGED and not chosen.full
        if hidden or not chosen.takes("outputs", output.name):
            continue
        yield Entry(
            section="output",
            address=clean.text(output.name),
            effect=str(effect),
            mark=_OUTPUT_MARKS.get(effect, ""),
            actions=output.actions,
            changes=tuple(_output_changes(output, clean)),
        )


def _output_changes(output: OutputChange, clean: Clean) -> Iterator[Change]:
    """The values under the output's own name, since the name may tell that they are secret."""
    values, name = output.values(), output.name
    named = replace(
        values,
        before={name: values.before},
        after={name: values.after},
        unknown={name: values.unknown},
        before_sensitive={name: values.before_sensitive},
        after_sensitive={name: values.after_sensitive},
    )
    for change in changes(named, clean):
        before, after = change.before, change.after
        if len(change.path) == 1 and not change.inside:
            before = Leaf.MISSING if output.actions == ("create",) else before
            after = Leaf.MISSING if output.actions == ("delete",) else after
        yield replace(change, path=change.path[1:], before=before, after=after)


def _check_chosen(check: Check, chosen: Select) -> bool:
    return chosen.takes("checks", check.address) and (check.status != "pass" or chosen.wants("checks"))


def _check(check: Check, clean: Clean) -> Entry:
    messages = tuple(clean.text(message) for message in check.messages)
    status = clean.text(check.status)
    return Entry("check", clean.text(check.address), status, type=clean.text(check.kind), details=(status, *messages))


def _deferred(item: Deferred, clean: Clean, *, full: bool) -> Entry:
    entry = _resource(item.change, clean, full, drift=False)
    why = "put off: " + reason_text(clean.text(item.reason))
    return replace(entry, section="deferred", details=(why, *entry.details))


def _invocation(item: Invocation, clean: Clean) -> Entry:
    body = clean.tree(masked(item.body, document_marks(item.body)))
    trigger = body.get("lifecycle_action_trigger") if isinstance(body, dict) else None
    details = ["put off"] if item.deferred else []
    if isinstance(trigger, dict):
        event = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", str(trigger.get("action_trigger_event", ""))).lower()
        details.append(f"{event} {trigger.get('triggering_resource_address', '')}".strip())
    return Entry("action", clean.text(item.address), "invoke", details=tuple(details), body=body)
