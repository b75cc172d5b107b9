"""HCL inside a string (a Vault policy, a Nomad job) as a tree, so that two of them compare by structure.

Rules: the parser is imported only when a text is to be parsed; a text with any syntax error is no HCL; blocks stand by
type and labels as lists, in order; an expression that is no literal stands as ``${...}`` of its tokens, without blanks
and comments; what is larger or deeper than the limits is left to the line difference.
Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, grammar of tree-sitter-hcl 1.2.
"""

import json
import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SIZE_LIMIT = 256 << 10
"""Characters of a text that is parsed at most."""
DEPTH_LIMIT = 100
_LOOKS = re.compile(r'^[ \t]*[\w-]+(?:[ \t]+"[^"\n]*")*[ \t]*\{[ \t]*$|^[ \t]*[\w-]+[ \t]+=[ \t]+\S', re.MULTILINE)
_VERBATIM = frozenset({"quoted_template", "heredoc_template", "string_lit"})


class _NotPlain(Exception):
    """The text is HCL that has no simple tree."""


def looks_like_hcl(text: str) -> bool:
    """Whether parsing is worth the attempt: a block's first line, or ``name = value``."""
    return len(text) <= SIZE_LIMIT and _LOOKS.search(text) is not None


def parse_hcl(text: str) -> dict[str, Any] | None:
    """The body as a tree: attributes by name, blocks by type, then labels, as lists. None when it is no HCL."""
    root = _parser().parse(text.encode("utf-8", "replace")).root_node
    if root.has_error:
        return None
    bodies = [child for child in root.children if child.type == "body"]
    try:
        return _body(bodies[0], DEPTH_LIMIT) if bodies else None
    except _NotPlain:
        return None


@cache
def _parser() -> "Parser":
    import tree_sitter  # noqa: PLC0415 - only when a text looks like HCL
    import tree_sitter_hcl  # noqa: PLC0415 - only when a text looks like HCL

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _body(node: "Node", left: int) -> dict[str, Any]:
    if left == 0:
        raise _NotPlain
    body: dict[str, Any] = {}
    for child in node.children:
        if child.type == "attribute":
            name = _text(child.children[0])
            if name in body:
                raise _NotPlain
            body[name] = _expression(child.children[-1], left - 1)
        elif child.type == "block":
            _block(body, child, left - 1)
    return body


def _block(body: dict[str, Any], node: "Node", left: int) -> None:
    labels = [_label(child) for child in node.children if child.type in {"identifier", "string_lit"}]
    place = body
    for label in labels[:-1]:
        place = place.setdefault(label, {})
        if not isinstance(place, dict):
            raise _NotPlain
    blocks = place.setdefault(labels[-1], [])
    if not isinstance(blocks, list):
        raise _NotPlain
    inner = [child for child in node.children if child.type == "body"]
    blocks.append(_body(inner[0], left) if inner else {})


def _label(node: "Node") -> str:
    return str(_string(node)) if node.type == "string_lit" else _text(node)


def _expression(node: "Node", left: int) -> Any:
    if left == 0:
        raise _NotPlain
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type in {"expression", "collection_value", "literal_value"} and len(children) == 1:
        return _expression(children[0], left - 1)
    if node.type == "tuple":
        return [_expression(child, left - 1) for child in children if child.type == "expression"]
    if node.type == "object":
        return _object(children, left - 1)
    return _literal(node)


def _literal(node: "Node") -> Any:
    text = _text(node)
    if node.type == "numeric_lit" and re.fullmatch(r"[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text):
        return Decimal(text)
    if node.type == "bool_lit":
        return text == "true"
    if node.type == "null_lit":
        return None
    if node.type == "string_lit":
        return _string(node)
    return "${" + " ".join(_tokens(node)) + "}"


def _object(children: "list[Node]", left: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in children:
        if child.type == "object_elem":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("val")
            if key is None or value is None:
                raise _NotPlain
            name = _key(key, left)
            if name in found:
                raise _NotPlain
            found[name] = _expression(value, left)
    return found


def _key(node: "Node", left: int) -> str:
    value = _expression(node, left)
    name = re.fullmatch(r"\$\{([\w-]+)\}", value) if isinstance(value, str) else None
    return name[1] if name else str(value)


def _string(node: "Node") -> str:
    text = _text(node)
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _tokens(node: "Node") -> list[str]:
    """The leaves of an expression as text; templates whole, since their blanks count. Iterative: trees may be deep."""
    tokens: list[str] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type in _VERBATIM or not current.children:
            if current.type != "comment":
                tokens.append(_text(current))
        else:
            waiting.extend(reversed(current.children))
    return tokens


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")
