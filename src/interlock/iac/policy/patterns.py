"""Regular expressions: a pattern of RE2 (OPA) as one of the embedded engine that matches the same texts.

Rules: only what both read alike passes; classes such as ``\\d``, which the embedded engine takes for all of Unicode, are
spelt out; a construct that one of them lacks, reads differently or refuses is refused here. Syntax: RE2's, and that of
the Rust crate regex 1.x.
"""

import re
from math import prod

_CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[0-9A-Za-z_]",
    "W": "[^0-9A-Za-z_]",
    "s": r"[\t\n\f\r ]",
    "S": r"[^\t\n\f\r ]",
}
_EDGES = {"b": r"(?-u:\b)"}
_PIECE = re.compile(
    r"""
      (?P<escape>\\(?:[dDwWsSbtnrfvaA]|z|pL|p\{[A-Za-z_]+\}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|[^0-9A-Za-z<>\x80-\U0010ffff]))
    | (?P<group>\((?:\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|[imsU]*(?:-[imsU]+)?:|[imsU]+(?:-[imsU]+)?\)))?)
    | (?P<close>\))
    | (?P<class>\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\\\]\[])*\])
    | (?P<count>\{[0-9]{1,4}(?:,[0-9]{0,4})?\}\??)
    | (?P<repeat>[*+?]\??)
    | (?P<other>[^\\()\[\]{}*+?])
    | (?P<bracket>[\]}])
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = ("&&", "--", "~~")
_REPEAT_LIMIT = 1000


class Refused(ValueError):
    """A pattern that the two engines do not read alike; the text says which part."""


def translate(pattern: str) -> str:
    """The pattern for the embedded engine.

    Raises:
        Refused: it holds something that the engines do not read alike.
    """
    parts: list[str] = []
    counts: list[int] = []
    at, before = 0, ""
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            raise Refused(f"{pattern[at : at + 8]!r}")
        piece = match[0]
        if kind in {"count", "repeat"} and before in {"count", "repeat", "", "group"}:
            raise Refused(f"{pattern[max(at - 1, 0) : at + 4]!r}: a repetition of nothing, or of a repetition")
        if kind == "count":
            counts.append(max(int(number) for number in re.findall("[0-9]+", piece)))
        parts.append(_piece(kind, piece))
        at, before = match.end(), kind
    if prod(counts) > _REPEAT_LIMIT:
        raise Refused(f"more than {_REPEAT_LIMIT} repetitions")
    return "".join(parts)


def _piece(kind: str, piece: str) -> str:
    if kind == "escape":
        return _CLASSES.get(piece[1:]) or _EDGES.get(piece[1:]) or piece
    if kind == "class":
        body = piece[2:] if piece[1] == "^" else piece[1:]
        if any(operator in body for operator in _OPERATORS):
            raise Refused(f"{piece!r}: a set operation")
        return re.sub(r"\\(.)", lambda match: _in_class(match[1], piece), piece, flags=re.DOTALL)
    return piece


def _in_class(letter: str, piece: str) -> str:
    if letter in _CLASSES:
        return _CLASSES[letter]
    if letter in "tnrfva" or not (letter.isalnum() or letter in "<>" or ord(letter) > ord("~")):
        return "\\" + letter
    raise Refused(f"{piece!r}: \\{letter} in a class")


def cuts(pattern: str) -> bool:
    """Whether a pattern surely matches no empty text, so that both engines split alike."""
    pieces = [match.lastgroup for match in _PIECE.finditer(pattern)]
    plain = {"escape", "class", "other"}
    return (
        bool(pieces)
        and pieces[0] in plain
        and not any(edge in pattern for edge in (r"\b", r"\A", r"\z", "^", "$", "|", "*", "?", "{", "("))
    )
