"""Canonical JSON against the examples of RFC 8785 and against the `rfc8785` package, an implementation of its own."""

import json
import struct
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.canonical import SAFE_INTEGER, canonical_json, sha256, short
from interlock.kernel.errors import Invalid

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBER = st.integers(-SAFE_INTEGER, SAFE_INTEGER) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


@given(JSON)
def test_equals_an_independent_implementation(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(JSON)
def test_keeps_the_value_and_is_stable(value: Any) -> None:
    data = canonical_json(value)
    again = json.loads(data, parse_int=float)
    assert again == value
    assert canonical_json(again) == data


@given(st.dictionaries(TEXT, NUMBER, min_size=2))
def test_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


# RFC 8785, appendix B: IEEE 754 bits and the text that ECMAScript prints for them.
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_of_the_rfc(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number) == text.encode()


def test_the_example_of_the_rfc() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(value) == expected.encode()


def test_members_sort_by_utf16_code_units() -> None:
    names = ["€", "\r", "\ufb33", "1", "\U0001f600", "\x80", "ö"]
    expected = ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical_json(dict.fromkeys(names)))) == expected


@pytest.mark.parametrize(
    "value",
    [
        2**53,
        -(2**53),
        10**400,
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal("1.5"),
        b"bytes",
        {1, 2},
        {1: "a number as key"},
        {None: 1},
        "half \ud800",
        {"\udfff": 1},
    ],
)
def test_refuses_what_has_no_form(value: Any) -> None:
    with pytest.raises(Invalid):
        canonical_json([value])


def test_neighbours_beyond_exact_integers_are_never_made_equal() -> None:
    assert canonical_json(SAFE_INTEGER) == b"9007199254740991"
    with pytest.raises(Invalid, match="no exact double") as refused:
        canonical_json(2**53 + 1)
    assert refused.value.hint == "write it as a string"
    with pytest.raises(Invalid, match="no exact double"):
        canonical_json(10**5000)


def test_nesting_is_refused_where_the_interpreter_ends() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Invalid, match="nested too deeply"):
        canonical_json(value)


def test_digest() -> None:
    digest = sha256(b"")
    assert digest == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert short(digest) == "sha256:e3b0c44298fc"
