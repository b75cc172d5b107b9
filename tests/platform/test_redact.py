"""Redaction: no known secret is left in any text or tree, in none of the forms in which it travels."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.platform.redact import MASK, SHORTEST, Redactor, encodings

# Without characters of the mask, so that what is left of a text can be searched.
ALPHABET = st.characters(exclude_characters=MASK, exclude_categories=["Cs"])
SECRETS = st.text(ALPHABET, min_size=SHORTEST, max_size=30)
ODD = 'pa"ss/wörd+1\n2=x y'


@given(st.lists(SECRETS, min_size=1, max_size=4), st.lists(st.text(ALPHABET), min_size=1), st.data())
def test_no_secret_is_left(secrets: list[str], parts: list[str], data: st.DataObject) -> None:
    text = "".join(part + data.draw(st.sampled_from(secrets)) for part in parts)
    masked = Redactor(secrets).text(text)
    assert MASK in masked
    assert not [secret for secret in secrets if secret in masked]


@given(SECRETS, st.text())
def test_no_form_of_a_secret_is_left(secret: str, around: str) -> None:
    redactor = Redactor([secret])
    for form in encodings(secret):
        assert form not in redactor.text(f"{around}\0{form}\0{around}").replace(around, "")


@pytest.mark.parametrize(
    "form",
    [
        ODD,
        json.dumps(ODD)[1:-1],
        json.dumps(ODD, ensure_ascii=False)[1:-1],
        quote(ODD),
        quote(ODD, safe=""),
        quote_plus(ODD),
        base64.b64encode(ODD.encode()).decode(),
        base64.urlsafe_b64encode(ODD.encode()).decode().rstrip("="),
    ],
)
def test_forms(form: str) -> None:
    assert Redactor([ODD]).text(f"token={form};") == f"token={MASK};"


def test_the_longer_secret_goes_first() -> None:
    assert Redactor(["open", "open sesame"]).text("say open sesame, then open") == f"say {MASK}, then {MASK}"


def test_a_line_of_a_long_secret_is_one_too() -> None:
    redactor = Redactor(["-----BEGIN-----\nMIIBVwIBADANBgkq\n-----END-----"])
    assert redactor.text("got MIIBVwIBADANBgkq here") == f"got {MASK} here"


def test_a_short_secret_is_masked_only_where_it_stands_alone() -> None:
    redactor = Redactor(["1", "yes"])
    assert redactor.text("1") == MASK
    assert redactor.text("port 1234, yes") == "port 1234, yes"
    assert redactor.tree({"a": 1, "b": "1", "c": 11, "d": True}) == {"a": MASK, "b": MASK, "c": 11, "d": True}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_a_tree_without_secrets_stays_as_it_is(tree: Any) -> None:
    assert Redactor([]).tree(tree) == tree
    assert not Redactor(["", ""])


def test_a_tree() -> None:
    redactor = Redactor(["hunter-two", "12345"])
    tree = {"hunter-two": ["x hunter-two", 12345, 12345.5, ("hunter-two",)], "kept": None}
    assert redactor.tree(tree) == {MASK: [f"x {MASK}", MASK, 12345.5, [MASK]], "kept": None}


def test_it_does_not_show_what_it_knows() -> None:
    redactor = Redactor(["hunter-two"])
    assert repr(redactor) == "Redactor(1 secrets)"
    assert "hunter" not in str(redactor)
