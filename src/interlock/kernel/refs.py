"""How people and documents name things: ``CHG-142``, ``chg_01k6...``, ``web/staging/eu-1a``, ``web@3``, ``#48,211``.

Rules: references compare without regard to case; estate names are lower case, digits and single hyphens, at most 63;
a reference says what it names before anything is looked up, so a typing error is an error and not "not found".
"""

import re
from dataclasses import dataclass

from interlock.kernel.errors import Invalid

NUMBERED = (
    "CHG", "RUN", "REL", "ROL", "APV", "OVR", "EXM", "FRZ", "FND", "DRF",
    "EVD", "REV", "INC", "LSN", "ACC", "PAT", "CAB", "ADV", "ALR",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,62}")
_NUMBER = re.compile(r"(?P<noun>[A-Za-z]{3})-(?P<number>[1-9][0-9]{0,17})")
_ENTRY = re.compile(r"#?(?P<index>[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record people call by number, such as ``CHG-142``."""

    noun: str
    number: int

    def __str__(self) -> str:
        return f"{self.noun}-{self.number}"


@dataclass(frozen=True, slots=True)
class Placed:
    """What lives in an environment: ``name/environment[/zone]``; a stack is unique by the first two."""

    name: str
    environment: str
    zone: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.name, self.environment, self.zone) if part)


@dataclass(frozen=True, slots=True)
class Versioned:
    """A version of a named thing, such as ``template@3`` or ``web@4.14.0``."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def name(text: str) -> str:
    """Check an estate name.

    Raises:
        Invalid: not lower case, digits and single hyphens, or longer than 63.
    """
    if _NAME.fullmatch(text) is None:
        message = f"{text!r} is not a name"
        raise Invalid(message, why="names are lower case, digits and single hyphens, at most 63")
    return text


def numbered(text: str) -> Numbered:
    """Read ``CHG-142`` in any case.

    Raises:
        Invalid: another shape, or a noun that has no numbers.
    """
    match = _NUMBER.fullmatch(text)
    if match is None or match["noun"].upper() not in NUMBERED:
        message = f"{text!r} is not a numbered reference"
        raise Invalid(message, hint=f"one of {', '.join(NUMBERED)}, a hyphen and a number, such as CHG-142")
    return Numbered(match["noun"].upper(), int(match["number"]))


def placed(text: str) -> Placed:
    """Read ``web/staging`` or ``web/production/eu-1a`` in any case.

    Raises:
        Invalid: fewer than two or more than three names.
    """
    parts = text.lower().split("/")
    if len(parts) not in (2, 3):
        message = f"{text!r} is not a reference into an environment"
        raise Invalid(message, hint="write NAME/ENVIRONMENT or NAME/ENVIRONMENT/ZONE")
    return Placed(*(name(part) for part in parts))


def versioned(text: str) -> Versioned:
    """Read ``template@3`` or ``web@4.14.0``.

    Raises:
        Invalid: no name, no ``@`` or no version.
    """
    head, at, version = text.partition("@")
    if not at or not version or not version.isprintable() or " " in version:
        message = f"{text!r} names no version"
        raise Invalid(message, hint="write NAME@VERSION")
    return Versioned(name(head.lower()), version)


def entry_index(text: str) -> int:
    """Read the index of a ledger entry, ``48211`` or ``#48,211``.

    Raises:
        Invalid: not a number.
    """
    match = _ENTRY.fullmatch(text)
    if match is None:
        message = f"{text!r} is not the index of a ledger entry"
        raise Invalid(message, hint="write 48211 or #48,211")
    return int(match["index"].replace(",", ""))
