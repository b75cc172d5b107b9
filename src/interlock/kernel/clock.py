"""Time, injected: nothing below the roots asks the machine what time it is.

Rules: instants are aware datetimes in UTC; JSON carries them as RFC 3339 with milliseconds and ``Z``.
"""

from datetime import UTC, date, datetime, time, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interlock.kernel.errors import Invalid


class Clock(Protocol):
    """Tells the present instant, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still, for tests and for looking at records as they were."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Always the same instant."""
        return self.at


def rfc3339(at: datetime) -> str:
    """Print an aware datetime as ``2026-10-01T06:00:00.000Z`` (RFC 3339, UTC, milliseconds)."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def end_of(value: str | date | datetime, zone: str = "UTC") -> datetime:
    """Read the instant until which something holds: an RFC 3339 instant, or a date, which ends with its day.

    Args:
        value: an instant; without an offset it is one of ``zone``, as is the day of a date.
        zone: an IANA name.

    Raises:
        Invalid: neither a date nor an instant, or no zone of that name.
    """
    where = _zone(zone)
    try:
        parsed = _date_or_instant(value) if isinstance(value, str) else value
        if not isinstance(parsed, datetime):
            parsed = datetime.combine(parsed, time.max)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=where)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{str(value)!r} is neither a date nor an instant"
        raise Invalid(message, hint="write 2026-12-31 or 2026-12-31T18:00:00Z") from error


def _date_or_instant(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        # Where a system has no database of zones (Windows), this one is still known.
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        message = f"there is no time zone {name!r}"
        raise Invalid(message, hint="write an IANA name, such as UTC or Europe/London") from error
