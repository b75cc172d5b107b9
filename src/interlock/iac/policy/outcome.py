"""From what an engine answered to results: conftest's reading of values, exceptions, exemptions, masking. Pure.

Rules: a value that is no message (a text, or an object with a text ``msg``) makes the answer broken where conftest
passes over it in silence; undefined, false and the empty set say nothing; an ``exception`` waives the rules of its
package whose name without ``deny_``, ``violation_`` or ``warn_`` it lists, and "" the rule without a suffix; what
several definitions of one rule say alike counts once; exemptions see clear addresses, and everything is masked after.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from interlock.iac.policy.model import Bundle, Exemption, Kind, Result, Rule, Verdict

_NAME = r'[A-Za-z_][A-Za-z0-9_-]*(?:\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\])?'
_ADDRESS = re.compile(rf"{_NAME}(?:\.{_NAME})+")
_NESTED = ("metadata", "details")
_VERDICTS = {Kind.DENY: Verdict.VIOLATION, Kind.VIOLATION: Verdict.VIOLATION, Kind.WARN: Verdict.WARNING}
_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}
Covering = Callable[[str, str], Exemption | None]


class NoMessage(ValueError):
    """A rule returned what is no message; the text says what, and never quotes it."""


def queries(bundle: Bundle) -> list[str]:
    """Everything that is to be asked: each definition, and the exceptions of each package."""
    return [*dict.fromkeys(rule.query for rule in bundle.rules), *bundle.exceptions.values()]


def results(
    bundle: Bundle, values: dict[str, Any], addresses: Callable[[], Collection[str]], covering: Covering
) -> tuple[list[Result], list[str]]:
    """What the rules said, in clear, and why the answer is broken (empty when it is not).

    Args:
        bundle: the set that was asked.
        values: what the engine answered, by query.
        addresses: the addresses of the plan.
        covering: the exemption of a rule for an address.
    """
    problems: list[str] = []
    waivers: dict[str, frozenset[str]] = {}
    for namespace, query in bundle.exceptions.items():
        try:
            waivers[namespace] = waived(values[query])
        except NoMessage as error:
            problems.append(f"exception of package {namespace}: {error}")
    found: list[Result] = []
    seen: set[tuple[str, str, str, str]] = set()
    for rule in bundle.rules:
        waiver = ""
        if suffix(rule) in waivers.get(rule.namespace, ()):
            waiver = f"exception of package {rule.namespace}"
        try:
            for message, metadata in messages(values[rule.query]):
                result = _result(rule, message, metadata, addresses)
                key = (rule.id, rule.namespace + "." + rule.name, message, repr(metadata))
                if key not in seen:
                    seen.add(key)
                    found.append(_settled(result, waiver, covering))
        except NoMessage as error:
            problems.append(f"{rule.file}:{rule.line}: {rule.name}: {error}")
    return found, problems


def suffix(rule: Rule) -> str:
    """The name by which an ``exception`` waives a rule."""
    return rule.name.removeprefix(rule.kind.value).removeprefix("_")


def messages(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The messages of a rule's value, each with its metadata.

    Raises:
        NoMessage: an item is none.
    """
    if value is None or value is False:
        return
    if value is True:
        raise NoMessage("its value is true, not a set of messages: write `contains message if`")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item, {}
        elif isinstance(item, dict) and isinstance(item.get("msg"), str):
            yield item["msg"], {key: part for key, part in item.items() if key != "msg"}
        elif isinstance(item, dict):
            raise NoMessage("an object that it returned has no text `msg`")
        else:
            raise NoMessage(f"it returned {_kind(item)} instead of a text or an object with `msg`")


def waived(value: Any) -> frozenset[str]:
    """The names that ``exception`` lists, as conftest's ``exception[_][_]`` finds them.

    Raises:
        NoMessage: it lists something that is no name.
    """
    names: set[str] = set()
    for entry in _members(value):
        if isinstance(entry, str):
            raise NoMessage("it holds a text instead of a list of rule names: write `exception contains [...] if`")
        for name in _members(entry):
            if not isinstance(name, str):
                raise NoMessage(f"it lists {_kind(name)} instead of the name of a rule")
            names.add(name)
    return frozenset(names)


def _members(value: Any) -> Iterable[Any]:
    if value is None or value is False:
        return ()
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list):
        return value
    raise NoMessage(f"it holds {_kind(value)} instead of lists of rule names")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {type(None): "null", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")


def _result(rule: Rule, message: str, metadata: dict[str, Any], addresses: Callable[[], Collection[str]]) -> Result:
    resource = _named(metadata)
    if resource is None:
        resource = _mentioned(message, addresses())
    return Result(_VERDICTS[rule.kind], rule, resource, message, metadata=metadata)


def _named(metadata: dict[str, Any]) -> str | None:
    """The resource that a rule names itself: its address, or the resource whole."""
    for place in (metadata, *(metadata[key] for key in _NESTED if isinstance(metadata.get(key), dict))):
        resource = place.get("resource")
        if isinstance(resource, dict):
            resource = resource.get("address")
        if isinstance(resource, str):
            return resource
    return None


def _mentioned(message: str, addresses: Collection[str]) -> str:
    """The address of the plan that stands in a message; none when several do, since either could be meant."""
    found = {word for word in _ADDRESS.findall(message) if word in addresses}
    return found.pop() if len(found) == 1 else ""


def _settled(result: Result, waiver: str, covering: Covering) -> Result:
    exemption = None if waiver else covering(result.rule.id, result.resource)
    if not waiver and exemption is None:
        return result
    return Result(
        Verdict.EXEMPT, result.rule, result.resource, result.message, exemption, waiver, metadata=result.metadata
    )


def masked(found: Iterable[Result], text: Callable[[str], str], tree: Callable[[Any], Any]) -> tuple[Result, ...]:
    """The results without secrets, sorted by verdict, rule, resource and message."""
    clean = [
        Result(
            item.verdict, item.rule, text(item.resource), text(item.message), item.exemption, item.waived_by,
            tree(item.metadata) if item.metadata else {},
        )
        for item in found
    ]  # fmt: skip
    return tuple(sorted(clean, key=_place))


def _place(result: Result) -> tuple[int, str, str, str]:
    return _ORDER[result.verdict], result.rule.id, result.resource, result.message


def failing(found: Sequence[Result], fail_on: Verdict) -> list[Result]:
    """The results that stop: violations, and with ``--fail-on warn`` warnings too."""
    stopping = {Verdict.VIOLATION, fail_on}
    return [result for result in found if result.verdict in stopping]
