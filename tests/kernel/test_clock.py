"""Instants: printed and read the same way everywhere, and every odd one refused as a typing error."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.clock import FixedClock, SystemClock, end_of, rfc3339
from interlock.kernel.errors import Invalid

SECOND = datetime(2026, 10, 1, 6, 0, 0, 123_999, UTC)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive


def test_clocks() -> None:
    assert FixedClock(SECOND).now() == SECOND
    assert SystemClock().now().tzinfo is UTC


def test_prints_milliseconds_in_utc() -> None:
    assert rfc3339(SECOND) == "2026-10-01T06:00:00.123Z"
    assert rfc3339(SECOND.astimezone(timezone(timedelta(hours=2)))) == "2026-10-01T06:00:00.123Z"


@given(INSTANTS)
def test_what_is_printed_is_read(at: datetime) -> None:
    read = end_of(rfc3339(at))
    assert timedelta(0) <= at - read < timedelta(milliseconds=1)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        ("2026-12-31", "UTC", "2026-12-31T23:59:59.999Z"),
        ("20261231", "UTC", "2026-12-31T23:59:59.999Z"),
        (date(2026, 12, 31), "UTC", "2026-12-31T23:59:59.999Z"),
        ("2026-12-31", "America/New_York", "2027-01-01T04:59:59.999Z"),
        ("2026-12-31T18:00:00Z", "UTC", "2026-12-31T18:00:00.000Z"),
        ("2026-12-31T18:00:00+02:00", "UTC", "2026-12-31T16:00:00.000Z"),
        ("2026-12-31 18:00", "America/New_York", "2026-12-31T23:00:00.000Z"),
        (datetime(2026, 12, 31, 18, tzinfo=UTC), "UTC", "2026-12-31T18:00:00.000Z"),
    ],
)
def test_ends(value: str | date, zone: str, expected: str) -> None:
    assert rfc3339(end_of(value, zone)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-02-30",
        "2026-13-01",
        "31.12.2026",
        "2026-12-31T25:00Z",
        "0001-01-01T00:00:00+10:00",
        "12345678901",
    ],
)
def test_refuses_what_is_no_instant(value: str) -> None:
    with pytest.raises(Invalid, match="neither a date nor an instant") as refused:
        end_of(value)
    assert "2026-12-31" in refused.value.hint


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_refuses_an_unknown_zone(zone: str) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        end_of("2026-12-31", zone)
