"""Which values of a plan are secret, everywhere in the file, so that no text made of it can tell them.

Rules: what any side of a change, any state, output, variable or provider argument marks as sensitive is secret in the
whole file, since the same value stands unmarked elsewhere (``variables``, ``configuration``); besides, a text under a
name such as ``password`` or ``DB_TOKEN`` is masked though its provider forgot to mark it, and so is a private key;
guessed secrets shorter than eight characters are masked in their place only, or "admin" would vanish from every line.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from interlock.iac.plans.terraform import PlanFile, may_hide
from interlock.iac.plans.values import marked, union
from interlock.platform.redact import Redactor

_NAME = re.compile(
    r"(?:^|[-_.])(?:pass(?:word|wd|phrase)|secret|(?:auth|access|refresh|bearer|api)?[-_]?token|"
    r"(?:api|private|secret|access|account|master|storage)[-_]?key|credentials?|connection[-_]?string)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_GUESS_LENGTH = 8
_NULL = msgspec.Raw(b"null")
_json = msgspec.json.Decoder(float_hook=Decimal)


class _Variable(msgspec.Struct):
    sensitive: bool = False


class _RootModule(msgspec.Struct):
    variables: dict[str, _Variable] | None = None


class _Configuration(msgspec.Struct):
    root_module: _RootModule = msgspec.field(default_factory=_RootModule)


class _Given(msgspec.Struct):
    value: Any = None
    sensitive: bool = False


class _StateResource(msgspec.Struct):
    values: msgspec.Raw = _NULL
    sensitive_values: msgspec.Raw = _NULL


class _Module(msgspec.Struct):
    resources: list[_StateResource] | None = None
    child_modules: "list[_Module] | None" = None


class _State(msgspec.Struct):
    outputs: dict[str, _Given] | None = None
    root_module: _Module = msgspec.field(default_factory=_Module)


class _PriorState(msgspec.Struct):
    values: _State = msgspec.field(default_factory=_State)


@lru_cache(maxsize=1 << 14)
def secret_name(name: str) -> bool:
    """Whether an attribute of this name is taken for a secret: ``password``, ``DB_TOKEN``, ``apiKey``."""
    return _NAME.search(_CAMEL.sub("_", name).lower()) is not None


def guessed_marks(value: Any) -> Any:
    """Marks for what is secret by its name or content, in the shape of `values.union`."""
    if isinstance(value, dict):
        marks = {key: _guess(key, item) for key, item in value.items()}
        return {key: mark for key, mark in marks.items() if mark}
    if isinstance(value, list):
        items = [guessed_marks(item) for item in value]
        return items if any(map(marked, items)) else False
    return isinstance(value, str) and _private(value)


def _guess(key: str, value: Any) -> Any:
    if isinstance(value, str) and value and secret_name(key):
        return True
    return guessed_marks(value)


def redactor(file: PlanFile) -> Redactor:
    """Everything secret in the file, ready to be taken out of texts."""
    return Redactor({text for value in _secrets(file) for text in _texts(value)})


def _secrets(file: PlanFile) -> Iterator[Any]:
    yield from _of_changes(file)
    yield from _of_variables(file)
    yield from _of_state(file.section("planned_values", _State, _State()))
    yield from _of_state(file.section("prior_state", _PriorState, _PriorState()).values)
    for key in ("action_invocations", "deferred_action_invocations"):
        for entry in file.section(key, list[dict[str, Any]], []):
            item = entry.get("action_invocation", entry)
            yield from _marked(item.get("config_values"), item.get("config_sensitive"))


def _of_changes(file: PlanFile) -> Iterator[Any]:
    plan = file.plan
    resources = (*plan.resources, *plan.drift, *(item.change for item in plan.deferred))
    for load in (*(item.values for item in resources), *(item.values for item in plan.outputs)):
        if not may_hide(load):
            continue
        values = load()
        secret = union(values.before_sensitive, values.after_sensitive)
        for side in (values.before, values.after):
            yield from _marked(side, secret)
            yield from _guesses(side)


def _of_variables(file: PlanFile) -> Iterator[Any]:
    given = file.section("variables", dict[str, _Given], {})
    declared = file.section("configuration", _Configuration, _Configuration()).root_module.variables or {}
    for name, variable in given.items():
        if name in declared and declared[name].sensitive:
            yield variable.value
        else:
            yield from _guesses({name: variable.value})


def _of_state(state: _State) -> Iterator[Any]:
    for output in (state.outputs or {}).values():
        if output.sensitive:
            yield output.value
    yield from _of_module(state.root_module)


def _of_module(module: _Module) -> Iterator[Any]:
    for resource in module.resources or ():
        if b"true" in bytes(resource.sensitive_values):
            yield from _marked(_json.decode(resource.values), _json.decode(resource.sensitive_values))
    for child in module.child_modules or ():
        yield from _of_module(child)


def _marked(value: Any, marks: Any) -> Iterator[Any]:
    """The parts of a value that the marks cover; marks of another shape than the value cover all of it."""
    if marks is True or (marked(marks) and type(marks) is not type(value)):
        yield value
    elif isinstance(marks, dict):
        for key, mark in marks.items():
            yield from _marked(value.get(key), mark)
    elif isinstance(marks, list):
        for item, mark in zip(value, marks, strict=False):
            yield from _marked(item, mark)


def _texts(value: Any) -> Iterator[str]:
    """Every leaf of a secret as text; yes and no tell nothing."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield str(value)


def _guesses(value: Any) -> Iterator[str]:
    """What `guessed_marks` marks, without making the marks, where it is long enough to be masked everywhere."""
    below = [value]
    while below:
        tree = below.pop()
        if isinstance(tree, dict):
            for key, item in tree.items():
                if not isinstance(item, str):
                    below.append(item)
                elif len(item) >= _GUESS_LENGTH and (secret_name(key) or _private(item)):
                    yield item
        elif isinstance(tree, list):
            below += tree
        elif isinstance(tree, str) and _private(tree):
            yield tree


def _private(text: str) -> bool:
    return "-----BEGIN" in text and _PRIVATE_KEY.search(text) is not None
