"""References: read in any case, printed one way, and a typing error is never "not found"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.errors import Invalid
from interlock.kernel.refs import NUMBERED, Numbered, Placed, Versioned, entry_index, name, numbered, placed, versioned

NAMES = st.from_regex(r"[a-z0-9]{1,15}(-[a-z0-9]{1,15}){0,2}", fullmatch=True)


@given(st.sampled_from(NUMBERED), st.integers(1, 10**18 - 1))
def test_numbers(noun: str, number: int) -> None:
    written = Numbered(noun, number)
    assert numbered(str(written)) == written
    assert numbered(str(written).lower()) == written


@pytest.mark.parametrize(
    "text", ["", "CHG", "CHG-", "CHG-0", "CHG-01", "CHG--1", "XYZ-1", "CHG-1\n", "CHG-" + "9" * 19, "CHG-\u0661"]
)
def test_no_number(text: str) -> None:
    with pytest.raises(Invalid, match="not a numbered reference"):
        numbered(text)


@given(NAMES, NAMES, st.just("") | NAMES)
def test_places(first: str, environment: str, zone: str) -> None:
    written = Placed(first, environment, zone)
    assert placed(str(written)) == written
    assert placed(str(written).upper()) == written


@pytest.mark.parametrize(
    "text", ["", "web", "web/", "/staging", "web/staging/a/b", "web//a", "web staging/x", "../etc"]
)
def test_no_place(text: str) -> None:
    with pytest.raises(Invalid):
        placed(text)


@given(NAMES)
def test_names(text: str) -> None:
    assert name(text) == text


@pytest.mark.parametrize("text", ["", "Web", "-web", "web-", "we--b", "web_a", "web.a", "w" * 64, "web\n", "wéb"])
def test_no_name(text: str) -> None:
    with pytest.raises(Invalid, match="not a name"):
        name(text)


def test_the_longest_name() -> None:
    assert name("w" * 63)


@pytest.mark.parametrize(
    ("text", "expected"), [("template@3", Versioned("template", "3")), ("Web@4.14.0", Versioned("web", "4.14.0"))]
)
def test_versions(text: str, expected: Versioned) -> None:
    assert versioned(text) == expected
    assert versioned(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "web", "web@", "@1", "web@1 2", "web@1\n", "web@\x1b[31m"])
def test_no_version(text: str) -> None:
    with pytest.raises(Invalid):
        versioned(text)


@given(st.integers(0, 10**18))
def test_entries(index: int) -> None:
    assert entry_index(str(index)) == entry_index(f"#{index:,}") == index


@pytest.mark.parametrize(
    "text", ["", "#", "-1", "1,2", "1,23", "12.5", "\u0661", "1\n", "9" * 5000, "1" + ",000" * 2000]
)
def test_no_entry(text: str) -> None:
    with pytest.raises(Invalid, match="not the index"):
        entry_index(text)
