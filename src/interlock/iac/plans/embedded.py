"""Documents inside strings: JSON, YAML and HCL, as trees that compare by structure.

Rules: a parser is imported only when a text looks like its language; both sides must be whole documents of one
language, or the texts stay texts; what is larger or deeper than the limits, YAML with aliases (which may grow without
bound) and a first line that itself has a meaning (``#!``, ``#cloud-config``) and differs are left to the line
difference; a value that a document names as secret (``password``, or ``name: DB_PASSWORD`` beside ``value``) is marked.
"""

import math
import re
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from interlock.iac.plans.clean import nested_too_deeply
from interlock.iac.plans.hcl import looks_like_hcl, parse_hcl
from interlock.iac.plans.secrets import guessed_marks, secret_name
from interlock.iac.plans.values import DEPTH_LIMIT, Leaf, marked, union

JSON_LIMIT, YAML_LIMIT = 4 << 20, 256 << 10
"""Characters of a document that is parsed at most."""
_json = msgspec.json.Decoder(float_hook=Decimal)
_YAML_LINE = re.compile(r"^[ ]*(?:- )*(?:[\w./-]+|\"[^\"\n]*\"|'[^'\n]*'):(?:[ ]|$)", re.MULTILINE)
_NAMES, _HELD = ("name", "key", "Name", "Key"), ("value", "Value", "default_value")


def documents(before: Any, after: Any) -> tuple[str, Any, Any] | None:
    """Language and trees of two texts, or None when they are no documents.

    Args:
        before: a string, or `Leaf.MISSING`, which stays as it is.
        after: likewise; one of both is a string.
    """
    texts = [side for side in (before, after) if isinstance(side, str)]
    for language, looks, parse in (
        ("JSON", _looks_like_json, _parse_json),
        ("HCL", looks_like_hcl, parse_hcl),
        ("YAML", _looks_like_yaml, _parse_yaml),
    ):
        if not all(map(looks, texts)) or (language != "JSON" and _headed(texts)):
            continue
        sides = [parse(side) if isinstance(side, str) else side for side in (before, after)]
        if all(isinstance(side, dict | list | Leaf) for side in sides):
            return language, sides[0], sides[1]
    return None


def document_marks(tree: Any) -> Any:
    """Marks for what a document names as secret: by its key, or by the name that stands beside its value."""
    return union(guessed_marks(tree), _paired(tree))


def _paired(tree: Any) -> Any:
    if isinstance(tree, list):
        items = [_paired(item) for item in tree]
        return items if any(map(marked, items)) else False
    if not isinstance(tree, dict):
        return False
    marks = {key: mark for key, item in tree.items() if marked(mark := _paired(item))}
    if any(isinstance(tree.get(name), str) and secret_name(tree[name]) for name in _NAMES):
        marks |= {key: True for key in _HELD if isinstance(tree.get(key), str) and tree[key]}
    return marks


def _headed(texts: list[str]) -> bool:
    """Whether a comment in the first line, which no parser sees, differs: programs go by it."""
    first = {text.partition("\n")[0].rstrip() for text in texts}
    return len(first) > 1 and any(line.startswith("#") for line in first)


def _looks_like_json(text: str) -> bool:
    start = text.lstrip(" \t\r\n")[:1]
    return start in {"{", "["} and len(text) <= JSON_LIMIT


def _parse_json(text: str) -> Any:
    try:
        found = _json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return None if nested_too_deeply(found) else found


def _looks_like_yaml(text: str) -> bool:
    return "\n" in text.rstrip("\n") and len(text) <= YAML_LIMIT and _YAML_LINE.search(text) is not None


def _parse_yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 - only when a text looks like YAML

    try:
        if not _plain_yaml(yaml.parse(text, Loader=_loader())):
            return None
        found = [_json_like(item) for item in yaml.load_all(text, Loader=_loader())]
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return None
    return found[0] if len(found) == 1 else found


def _plain_yaml(events: Any) -> bool:
    """Whether the events stay within the depth limit and name no alias; read one by one, nothing is built."""
    import yaml  # noqa: PLC0415 - only when a text looks like YAML

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            return False
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            return False
    return True


@cache
def _loader() -> Any:
    """A safe loader that keeps a local tag (``!Ref x``) as a mapping of that tag, and refuses a key given twice."""
    import yaml  # noqa: PLC0415 - only when a text looks like YAML

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        pass

    def tagged(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return {f"!{suffix}": loader.construct_scalar(node)}
        if isinstance(node, yaml.SequenceNode):
            return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
        return {f"!{suffix}": loader.construct_mapping(node, deep=True)}

    def mapping(loader: Any, node: Any) -> Any:
        pairs = loader.construct_pairs(node, deep=True)
        found = {_name(key): value for key, value in pairs}
        if len(found) != len(pairs):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return found

    Loader.add_multi_constructor("!", tagged)
    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    return Loader


def _name(key: Any) -> str:
    return key if isinstance(key, str) else str(key)


def _json_like(value: Any) -> Any:
    """What YAML knows besides JSON (dates, bytes, sets, infinities) as text."""
    if isinstance(value, dict):
        return {_name(key): _json_like(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_like(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else repr(value)
    return value if value is None or isinstance(value, str | bool | int) else str(value)
