"""Identifiers: a prefix, ``_`` and 26 lower-case base32 characters in time order (``evt_01k6c8e4...``).

Rules: 48 bits of Unix milliseconds, then 80 random bits (the layout of ULID), in Crockford's alphabet; the clock
and the source of randomness are given, so that a test can repeat them.
"""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from interlock.kernel.clock import Clock
from interlock.kernel.errors import Invalid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_ID = re.compile(rf"(?P<prefix>[a-z]{{2,5}})_(?P<body>[0-7][{ALPHABET}]{{{LENGTH - 1}}})")
_RANDOM_BITS = 80
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def new_id(prefix: str, clock: Clock, randbits: Callable[[int], int] = secrets.randbits) -> str:
    """Make an identifier of the kind that ``prefix`` names; later ones sort after earlier ones, by millisecond."""
    # Whole numbers: a float of seconds is a millisecond off now and then.
    milliseconds = (clock.now() - _EPOCH) // _MILLISECOND
    number = milliseconds << _RANDOM_BITS | randbits(_RANDOM_BITS)
    body = "".join(ALPHABET[number >> shift & 31] for shift in range((LENGTH - 1) * 5, -1, -5))
    return f"{prefix}_{body}"


def made_at(identifier: str) -> datetime:
    """Tell when an identifier was made, to the millisecond, in UTC.

    Raises:
        Invalid: not an identifier.
    """
    match = _ID.fullmatch(identifier.lower())
    number = 0
    for character in match["body"] if match else "":
        number = number << 5 | ALPHABET.index(character)
    milliseconds = number >> _RANDOM_BITS
    if match is None or milliseconds > _LATEST:
        message = f"{identifier!r} is not an identifier"
        raise Invalid(message, why="identifiers are a prefix, '_' and 26 base32 characters")
    return _EPOCH + milliseconds * _MILLISECOND
