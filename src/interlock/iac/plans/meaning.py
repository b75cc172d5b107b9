"""What a plan means, as data: the projection that the plan digest names and that `plan diff` compares. Pure.

Rules: two plans with equal projections have equal digests and an empty difference, and no others; everything that the
projection leaves out, and why, is said in `FIELDS`, from which the reference is generated; a secret enters only as its
path and whether it changes, so the digest is no oracle for guessing; order in the file never matters.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interlock.iac.plans.model import NO_OP, Effect, OutputChange, Plan, ResourceChange, Values
from interlock.iac.plans.values import Leaf, differences, marked, tag, union
from interlock.kernel.canonical import canonical_json, sha256

VERSION = "interlock plan digest v1"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that the plan would do.

    Attributes:
        section: ``resource output check deferred action drift plan``.
        key: what it is about within the section: an address (with deposed key) or a name.
        body: tagged JSON; equal bodies mean the same.
    """

    section: str
    key: str
    body: dict[str, Any]


def meanings(plan: Plan) -> Iterator[Meaning]:
    """Everything that is inside the digest, one resource decoded at a time, in no particular order.

    Raises:
        Invalid: a value is damaged or nested too deeply.
    """
    for flag in _flags(plan):
        yield Meaning("plan", flag, {})
    for resource in plan.resources:
        if resource.effect is not Effect.UNCHANGED:
            yield Meaning("resource", _key(resource), _resource(resource))
    for resource in plan.drift if plan.refresh_only else ():
        yield Meaning("drift", _key(resource), _resource(resource))
    for output in plan.outputs:
        if output.actions != NO_OP:
            yield Meaning("output", output.name, _output(output))
    yield from _rest(plan)


def _rest(plan: Plan) -> Iterator[Meaning]:
    for check in plan.checks:
        yield Meaning("check", f"{check.kind} {check.address}".strip(), {"status": check.status})
    for deferred in plan.deferred:
        body = _resource(deferred.change) | {"deferred": deferred.reason}
        yield Meaning("deferred", _key(deferred.change), body)
    for invocation in plan.invocations:
        yield Meaning("action", invocation.address, {"body": tag(invocation.body), "deferred": invocation.deferred})


def digest(plan: Plan) -> str:
    """The plan digest: ``sha256:`` over the sorted hashes of all meanings.

    Raises:
        Invalid: a value is damaged or nested too deeply.
    """
    hashes = sorted(
        hashlib.sha256(canonical_json([item.section, item.key, item.body])).hexdigest() for item in meanings(plan)
    )
    return sha256(canonical_json({"version": VERSION, "meanings": hashes}))


def _flags(plan: Plan) -> Iterator[str]:
    if plan.errored:
        yield "errored"
    if plan.complete is False:
        yield "incomplete"
    if plan.refresh_only:
        yield "refresh only"


def _key(resource: ResourceChange) -> str:
    return f"{resource.address} (deposed {resource.deposed})" if resource.deposed else resource.address


def _resource(resource: ResourceChange) -> dict[str, Any]:
    body: dict[str, Any] = {
        "address": resource.address,
        "deposed": resource.deposed,
        "module": resource.module,
        "mode": resource.mode,
        "type": resource.type,
        "name": resource.name,
        "index": tag(resource.index),
        "provider": resource.provider,
        "actions": list(resource.actions),
        "previous_address": resource.previous_address if resource.moved else "",
        "importing": tag(resource.importing),
    }
    if resource.actions == NO_OP:
        return body
    values = resource.values()
    return body | {"object": _identity(values), "changes": _changes(values)}


def _output(output: OutputChange) -> dict[str, Any]:
    return {"actions": list(output.actions), "changes": _changes(output.values())}


def _identity(values: Values) -> Any:
    """Which object is touched: the provider's ``id`` before the change, where it is no secret."""
    secret = union(values.before_sensitive, values.after_sensitive)
    hidden = marked(secret.get("id")) if isinstance(secret, dict) else secret is True
    before = values.before
    return tag(before.get("id")) if isinstance(before, dict) and not hidden else None


def _changes(values: Values) -> list[Any]:
    found = []
    for item in differences(values):
        path = [tag(step) if isinstance(step, int) else step for step in item.path]
        if item.before is Leaf.SENSITIVE:
            found.append([path, "secret", item.changed])
        elif values.after is None and item.path:
            continue  # what a destroyed object held is not what destroying means; its id is
        elif item.after is Leaf.UNKNOWN:
            found.append([path, "unknown"])
        else:
            found.append([path, "value", tag(item.before), tag(item.after)])
    return found
