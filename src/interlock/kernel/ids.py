"""Identifiers: a prefix, ``_`` and 26 lower-case base32 characters in time order (``evt_01k6c8e4...``).

Rules: 48 bits of Unix milliseconds, then 80 random bits (the layout of ULID), in Crockford's alphabet; the clock
and the source of randomness are given, so that a test can repeat them.
"""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from interlock.kernel.clock import Clock
from interlock.kernel.errors import Invalid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_ID = re.compile(rf"(?P<prefix>[a-z]{{2,5}})_(?P<body>[0-7][{ALPHABET}]{{{LENGTH - 1}}})")
_RANDOM_BITS = 80


def new_id(prefix: str, clock: Clock, randbits: Callable[[int], int] = secrets.randbits) -> str:
    """Make an identifier of the kind that ``prefix`` names; later ones sort after earlier ones, by millisecond."""
    milliseconds = int(clock.now().timestamp() * 1000)
    number = milliseconds << _RANDOM_BITS | randbits(_RANDOM_BITS)
    body = "".join(ALPHABET[number >> shift & 31] for shift in range((LENGTH - 1) * 5, -1, -5))
    return f"{prefix}_{body}"


def made_at(identifier: str) -> datetime:
    """Tell when an identifier was made, to the millisecond, in UTC.

    Raises:
        Invalid: not an identifier.
    """
    match = _ID.fullmatch(identifier.lower())
    if match is None:
        message = f"{identifier!r} is not an identifier"
        raise Invalid(message, why="identifiers are a prefix, '_' and 26 base32 characters")
    number = 0
    for character in match["body"]:
        number = number << 5 | ALPHABET.index(character)
    return datetime.fromtimestamp((number >> _RANDOM_BITS) / 1000, UTC)
