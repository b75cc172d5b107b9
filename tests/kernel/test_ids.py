"""Identifiers: unique, in time order as text, and readable back to their millisecond."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.clock import FixedClock
from interlock.kernel.errors import Invalid
from interlock.kernel.ids import LENGTH, made_at, new_id

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
RANDOM = st.integers(0, 2**80 - 1)


@given(INSTANTS, RANDOM)
def test_tells_its_millisecond(at: datetime, number: int) -> None:
    identifier = new_id("chg", FixedClock(at), lambda _: number)
    assert made_at(identifier) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert made_at(identifier.upper()) == made_at(identifier)
    assert len(identifier) == len("chg_") + LENGTH


@given(INSTANTS, INSTANTS, RANDOM, RANDOM)
def test_order_of_text_is_order_of_time(first: datetime, second: datetime, one: int, two: int) -> None:
    ids = [new_id("evt", FixedClock(at), lambda _, n=n: n) for at, n in ((first, one), (second, two))]  # type: ignore[misc]
    milliseconds = [(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) for at in (first, second)]
    assert (ids[0] < ids[1]) == ((milliseconds[0], one) < (milliseconds[1], two))


def test_many_of_one_millisecond_differ() -> None:
    clock = FixedClock(datetime(2026, 10, 1, tzinfo=UTC))
    assert len({new_id("evt", clock) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chg_",
        "chg_01k6c8e4",
        "chg-01k6c8e4aaaaaaaaaaaaaaaaaa",
        "chg_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "chg_01k6c8e4iaaaaaaaaaaaaaaaaa",
        "chg_01k6c8e4aaaaaaaaaaaaaaaaaaa",
        "chg_01k6c8e4aaaaaaaaaaaaaaaaaa\n",
        "1hg_01k6c8e4aaaaaaaaaaaaaaaaaa",
    ],
)
def test_refuses_what_is_no_identifier(text: str) -> None:
    with pytest.raises(Invalid, match="not an identifier"):
        made_at(text)


def test_refuses_a_time_beyond_the_calendar() -> None:
    with pytest.raises(Invalid, match="not an identifier"):
        made_at("chg_" + "7" + "z" * (LENGTH - 1))
