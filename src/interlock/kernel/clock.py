"""Time, injected: nothing below the roots asks the machine what time it is.

Rules: instants are aware datetimes in UTC; JSON carries them as RFC 3339 with milliseconds and ``Z``.
"""

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

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
    """Read the instant until which something holds: an RFC 3339 instant, or a date, which ends with its day in ``zone``.

    Raises:
        Invalid: neither a date nor an instant with an offset.
    """
    try:
        parsed: date | datetime
        if isinstance(value, str):
            parsed = date.fromisoformat(value) if len(value) == len("2026-01-01") else datetime.fromisoformat(value)
        else:
            parsed = value
        if isinstance(parsed, datetime):
            if parsed.tzinfo is None:
                parsed = parsed.replace(tzinfo=ZoneInfo(zone))
            return parsed.astimezone(UTC)
        return datetime.combine(parsed, time.max, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ValueError as error:
        message = f"{value!r} is neither a date nor an instant"
        raise Invalid(message, hint="write 2026-12-31 or 2026-12-31T18:00:00Z") from error
