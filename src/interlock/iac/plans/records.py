"""Plans and their differences as records: the same data in json, ndjson, yaml and csv.

Rules: nothing is elided, all is masked already; a value known after apply, absent or secret is told by a flag of its
own, since JSON has no form for it; keys are the same in every record of a list; exact decimals stay exact.
"""

from decimal import Decimal
from typing import Any

from interlock.iac.plans.clean import Clean
from interlock.iac.plans.compare import Change
from interlock.iac.plans.difference import Differing, Place
from interlock.iac.plans.model import Plan
from interlock.iac.plans.text import path_text
from interlock.iac.plans.values import Leaf
from interlock.iac.plans.view import Entry
from interlock.platform.redact import MASK

LISTS = {"resource": "resources", "drift": "drift", "output": "outputs", "check": "checks", "deferred": "deferred"}
LISTS |= {"action": "action_invocations"}
"""The list of a plan's record that holds the entries of a section."""


def plan_record(plan: Plan, digest: str, clean: Clean) -> dict[str, Any]:
    """A plan without its entries; the lists of `LISTS` are empty."""
    return {
        "file": plan.name,
        "digest": digest,
        "tool": plan.tool,
        "tool_version": clean.text(plan.tool_version),
        "format_version": plan.format_version,
        "complete": plan.complete,
        "errored": plan.errored,
        "refresh_only": plan.refresh_only,
        "counts": {str(effect): number for effect, number in plan.counts().items()},
        **{name: [] for name in LISTS.values()},
    }


def entry_record(entry: Entry) -> dict[str, Any]:
    """One entry."""
    return {
        "section": entry.section,
        "address": entry.address,
        "effect": entry.effect,
        "mark": entry.mark,
        "actions": list(entry.actions),
        "deposed": entry.deposed,
        "reason": entry.reason,
        "details": list(entry.details),
        "module": entry.module,
        "type": entry.type,
        "provider": entry.provider,
        "previous_address": entry.previous_address,
        "importing": plain(entry.importing),
        "changes": [change_record(change) for change in entry.changes],
        "body": plain(entry.body),
    }


def entry_row(entry: Entry) -> dict[str, Any]:
    """One entry as a row of cells: what differs by its paths."""
    return entry_record(entry) | {
        "importing": None if entry.importing is None else "yes",
        "changes": [record["path"] for record in map(change_record, entry.changes)],
        "body": None if entry.body is None else "yes",
    }


def change_record(change: Change) -> dict[str, Any]:
    """One place that differs; ``inside`` is the place within the document of ``syntax`` that the string holds."""
    return {
        "path": path_text(change.path),
        "inside": path_text(change.inside) or None,
        "syntax": change.syntax or None,
        "kind": change.kind,
        "before": plain(change.before),
        "after": plain(change.after),
        "known_after_apply": change.after is Leaf.UNKNOWN,
        "sensitive": change.secret,
        "forces_replacement": change.forces,
        "note": change.note or None,
    }


def differing_record(item: Differing) -> dict[str, Any]:
    """One thing that differs in meaning."""
    return {
        "kind": item.kind,
        "section": item.section,
        "address": item.address,
        "mark": item.mark,
        "old_effect": item.old_effect or None,
        "new_effect": item.new_effect or None,
        "notes": list(item.notes),
        "changes": [_place_record(place) for place in item.places],
    }


def differing_row(item: Differing) -> dict[str, Any]:
    """One thing that differs, as a row of cells."""
    return differing_record(item) | {"changes": [path_text(place.change.path) for place in item.places]}


def _place_record(place: Place) -> dict[str, Any]:
    change = place.change
    return {
        "path": path_text(change.path),
        "inside": path_text(change.inside) or None,
        "syntax": change.syntax or None,
        "old": plain(change.before),
        "new": plain(change.after),
        "old_outcome": place.old,
        "new_outcome": place.new,
        "sensitive": change.secret,
        "note": change.note or None,
    }


def plain(value: Any) -> Any:
    """A masked value as JSON: secrets as ``(sensitive)``, what is unknown or absent as null, exact numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Leaf):
        return MASK if value is Leaf.SENSITIVE else None
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    return value
