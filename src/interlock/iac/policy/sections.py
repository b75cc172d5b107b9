"""Which top-level sections of a plan the policies read, so that the others need not be given to the engine.

Rules: the answer may name too much, never too little; whatever is not plainly ``input.name``, ``input["name"]`` or an
import of one (`input` on its own, a computed key, an interpolated string) makes the answer None, which means all.
"""

from collections.abc import Iterable

from interlock.iac.policy.tokens import Source, unquote


def sections(sources: Iterable[Source]) -> frozenset[str] | None:
    """The names directly below ``input`` that some source reads; None when one may read any."""
    found: set[str] = set()
    for source in sources:
        named = _named(source)
        if named is None:
            return None
        found |= named
    return frozenset(found)


def _named(source: Source) -> set[str] | None:
    found: set[str] = set()
    words = source.words
    for index, word in enumerate(words):
        if word[0] == "$":
            return None
        if word != "input" or (index and words[index - 1] == "." and source.joined(index)):
            continue
        name = _first_key(source, index)
        if name is None:
            return None
        found.add(name)
    return found


def _first_key(source: Source, index: int) -> str | None:
    """The name after ``input``, when it is written out and touches it."""
    words = source.words
    if index + 2 >= len(words) or not source.joined(index + 1):
        return None
    following, key = words[index + 1], words[index + 2]
    if following == "." and source.joined(index + 2) and key.isidentifier():
        return key
    if following == "[" and source.partner.get(index + 1) == index + 3 and key[0] in '"`':
        name = unquote(key)
        return None if name == key else name
    return None
