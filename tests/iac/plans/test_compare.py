"""Two sides compared: by structure within documents, lists aligned, secrets never told."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iac.plans.builders import OTHER_SECRET, SECRET, values
from interlock.iac.plans.clean import Clean, assignments
from interlock.iac.plans.compare import SECRET_PART, Change, changes
from interlock.iac.plans.values import Leaf, same
from interlock.kernel.errors import Invalid
from interlock.platform.redact import Redactor

NOTHING = Clean()
MISSING, UNKNOWN, SENSITIVE = Leaf.MISSING, Leaf.UNKNOWN, Leaf.SENSITIVE
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "a", "b", '{"a": 1}', "x: 1\ny: 2\n", "l\nm"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


def found(before: Any, after: Any, clean: Clean = NOTHING, **more: Any) -> list[Change]:
    return list(changes(values(before, after, **more), clean))


def sides(before: Any, after: Any, **more: Any) -> list[tuple[Any, ...]]:
    return [(change.path, change.before, change.after) for change in found(before, after, **more)]


@given(JSON, JSON)
def test_what_differs_is_shown_and_what_is_equal_is_not(before: Any, after: Any) -> None:
    shown = found({"x": before}, {"x": after})
    if same(before, after):
        assert shown == []
    elif not _only_nulls(before) or not _only_nulls(after):
        assert shown != []


def _only_nulls(value: Any) -> bool:
    """Whether a value shows nothing where it appears or goes as a whole."""
    if isinstance(value, dict | list) and value:
        return all(_only_nulls(item) for item in (value.values() if isinstance(value, dict) else value))
    return value is None


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_two_texts_compare(before: str, after: str) -> None:
    assert bool(found({"x": before}, {"x": after})) == (before != after)


def test_attributes_in_path_order() -> None:
    assert sides({"b": 1, "a": {"y": 1}}, {"b": 2, "a": {"y": 2}}) == [(("a", "y"), 1, 2), (("b",), 1, 2)]


def test_unknown_and_absent() -> None:
    assert sides({"id": "x", "n": 1}, {"n": None}, unknown={"id": True}) == [(("id",), "x", UNKNOWN), (("n",), 1, None)]
    assert sides({}, {"a": 1}) == [(("a",), MISSING, 1)]


def test_a_new_block_appears_leaf_by_leaf_without_its_nulls() -> None:
    assert sides({"ingress": []}, {"ingress": [{"port": 22, "name": None}]}) == [(("ingress", 0, "port"), MISSING, 22)]


def test_a_list_is_aligned_so_that_one_new_item_is_one_difference() -> None:
    old = [{"name": n, "port": p} for n, p in (("a", 1), ("b", 2), ("c", 3))]
    new = [{"name": "z", "port": 9}, *old]
    assert {change.path[:2] for change in found({"x": old}, {"x": new})} == {("x", 0)}


def test_items_pair_by_likeness() -> None:
    old = [{"cidr": "0.0.0.0/0", "port": 22, "proto": "tcp"}, {"cidr": "10.0.0.0/8", "port": 443, "proto": "tcp"}]
    new = [{"cidr": "10.0.0.0/8", "port": 8443, "proto": "tcp"}]
    assert (("x", 0, "port"), 443, 8443) in sides({"x": old}, {"x": new})
    assert (("x", 0, "port"), 22, MISSING) in sides({"x": old}, {"x": new})
    assert [change.note for change in found({"x": old}, {"x": new})] == ["item removed", "", "", ""]


def test_another_order_is_said_as_such() -> None:
    (change,) = found({"x": [1, 2, 3]}, {"x": [3, 1, 2]})
    assert change.note == "same items in another order"


def test_json_is_compared_by_structure() -> None:
    old = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:Get*"}]})
    new = json.dumps({"Statement": [{"Action": "s3:Get*", "Effect": "Deny"}]}, indent=2)
    (change,) = found({"policy": old}, {"policy": new})
    assert (change.path, change.inside) == (("policy",), ("Statement", 0, "Effect"))
    assert (change.before, change.after, change.syntax) == ("Allow", "Deny", "JSON")


@pytest.mark.parametrize(
    ("old", "new", "language"),
    [
        ('{"a": 1.0, "b": []}', '{\n "b": [ ],\n "a": 1}', "JSON"),
        ("a: 1\nb: [x, y]\n", "# words\nb:\n  - x\n  - y\na: 1\n", None),
        ("a: 1\nb: [x, y]\n", "b:\n  - x\n  - y\na: 1 # words\n", "YAML"),
        ('path "a" {\n  rights = ["read"]\n}\n', 'path "a" {\n  # words\n  rights = [ "read", ]\n}\n', "HCL"),
    ],
)
def test_formatting_alone_is_said_as_such(old: str, new: str, language: str | None) -> None:
    (change,) = found({"x": old}, {"x": new})
    if language is None:  # a comment in the first line may be read by somebody
        assert change.note == ""
    else:
        assert change.note.startswith(f"same {language}, only formatting")


def test_yaml_and_its_local_tags() -> None:
    old = "Resources:\n  Queue:\n    Name: !Ref Stage\n    Ports: [1, 2]\n"
    new = "Resources:\n  Queue:\n    Name: !Ref Zone\n    Ports: [1, 2]\n"
    (change,) = found({"template": old}, {"template": new})
    assert change.inside == ("Resources", "Queue", "Name", "!Ref")
    assert (change.before, change.after) == ("Stage", "Zone")


def test_hcl() -> None:
    old = 'path "secret/*" {\n  capabilities = ["read"]\n}\n'
    new = 'path "secret/*" {\n  capabilities = ["read", "delete"]\n}\n'
    (change,) = found({"policy": old}, {"policy": new})
    assert change.inside == ("path", "secret/*", 0, "capabilities", 1)
    assert (change.before, change.after, change.syntax) == (MISSING, "delete", "HCL")


def test_a_document_in_a_document() -> None:
    old, new = (json.dumps({"outer": json.dumps({"inner": n})}) for n in (1, 2))
    (change,) = found({"x": old}, {"x": new})
    assert change.inside == ("outer", "inner")


@pytest.mark.parametrize(
    "hostile",
    [
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "x:\n" + "- " * 5000 + "1\n",
        "x: " + "[" * 5000 + "]" * 5000 + "\ny: 1\n",
        "a: 1\na: 2\n",
        "x: 1e999999999\ny: .nan\n",
        "x: " + "9" * 6000 + "\ny: 1\n",
        "? [a]\n: b\nc: d\n",
        "[" * 20_000 + "]" * 20_000,
        '{"a":' * 600 + "1" + "}" * 600,
        "a = " + "[" * 3000 + "]" * 3000 + "\n",
        "a {\n" * 600 + "}\n" * 600,
        "\ud800: 1\nb: 2\n",
    ],
)
def test_hostile_documents_stay_texts_and_cost_little(hostile: str) -> None:
    start = time.process_time()
    try:
        assert found({"x": hostile}, {"x": hostile + "z: 3\n"})
    except Invalid as error:
        assert "nested deeper" in error.message  # noqa: PT017 - both ends are right
    assert time.process_time() - start < 3


def test_many_lines() -> None:
    (change,) = found({"x": "a\nb\n"}, {"x": "a\nc\n"})
    assert change.multiline
    assert change.syntax == ""


def test_whitespace_is_said_as_such() -> None:
    (change,) = found({"x": "a b"}, {"x": "a  b"})
    assert change.note == "only whitespace differs"


def planted() -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    """Before, after, marks: one secret on each side, everywhere it may stand."""
    a, b = SECRET, OTHER_SECRET
    yield {"x": a}, {"x": b}, {"after_sensitive": {"x": True}}
    yield {"x": [1, a]}, {"x": [2, b]}, {"before_sensitive": {"x": [False, True]}}
    yield {"x": {"y": a}}, {"x": None}, {"before_sensitive": {"x": {"y": True}}}
    yield {"x": {"y": a}}, {}, {"before_sensitive": {"x": {"y": True}}, "unknown": {"x": True}}
    yield {"db_password": a}, {"db_password": b}, {}
    yield {"x": json.dumps({"password": a})}, {"x": json.dumps({"password": b})}, {}
    yield {"x": json.dumps({"password": a})}, {"x": "plain"}, {}
    yield {"x": json.dumps({"password": a})}, {"x": 5}, {}
    yield {"x": json.dumps({"password": a})}, {}, {"unknown": {"x": True}}
    yield {"x": json.dumps([{"name": "DB_PASSWORD", "value": a}])}, {"x": "[]"}, {}
    yield {"x": [{"name": "API_TOKEN", "value": a}]}, {"x": []}, {}
    yield {"x": json.dumps({"i": json.dumps({"j": json.dumps({"k": json.dumps({"token": a})})})})}, {"x": "{}"}, {}
    yield {"x": f"user: u\npassword: {a}\n"}, {"x": f"user: u\npassword: {b}\n"}, {}
    yield {"x": f"#!/bin/sh\nexport DB_PASSWORD={a}\n"}, {"x": f"#!/bin/sh\nexport DB_PASSWORD={b}\nrun\n"}, {}
    yield {"x": f"https://h/?token={a}&y=1"}, {"x": f"https://h/?token={b}&y=2"}, {}
    yield {"x": f'db {{\n  password = "{a}"\n}}\n'}, {"x": f'db {{\n  password = "{b}"\n}}\n'}, {}


@pytest.mark.parametrize(("before", "after", "marks"), list(planted()))
@pytest.mark.parametrize("swap", [False, True])
def test_a_secret_is_told_as_changed_only(before: Any, after: Any, marks: dict[str, Any], *, swap: bool) -> None:
    if swap and "unknown" not in marks:
        before, after = after, before
    shown = found(before, after, **marks)
    assert shown
    assert SECRET not in repr(shown)
    assert OTHER_SECRET not in repr(shown)


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    clean = Clean(Redactor([SECRET, OTHER_SECRET, "4711471147"]))
    before = {"url": f"x://{SECRET}@h", f"k-{SECRET}": 1, "n": 4711471147, "doc": json.dumps({"a": SECRET, "b": 1})}
    after = {"url": f"x://{OTHER_SECRET}@h", "n": 1, "doc": json.dumps({"a": OTHER_SECRET, "b": 2})}
    shown = found(before, after, clean)
    assert SECRET not in repr(shown)
    assert OTHER_SECRET not in repr(shown)
    assert "4711471147" not in repr(shown)
    assert next(change for change in shown if change.path == ("url",)).note == SECRET_PART
    assert any(change.inside == ("b",) for change in shown)


def test_a_document_that_is_a_secret_as_a_whole_stays_closed() -> None:
    document = json.dumps({"user": "planted-user-1234"})
    shown = found({"x": document}, {"x": "{}"}, Clean(Redactor([document])))
    assert "planted-user-1234" not in repr(shown)


def test_a_document_that_differs_in_a_masked_part_is_not_called_formatting() -> None:
    clean = Clean(Redactor([SECRET, OTHER_SECRET]))
    (change,) = found({"x": json.dumps({"a": SECRET})}, {"x": json.dumps({"a": OTHER_SECRET})}, clean)
    assert change.note == SECRET_PART


def test_what_forces_replacement() -> None:
    both = values({"a": [{"b": 1}], "c": 1}, {"a": [{"b": 2}], "c": 2})
    shown = list(changes(both, NOTHING, [("a", 0, "b")]))
    assert [(change.path, change.forces) for change in shown] == [(("a", 0, "b"), True), (("c",), False)]


def test_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    with pytest.raises(Invalid, match="nested deeper"):
        found({"x": 1}, {"x": deep})


def test_assignments() -> None:
    assert assignments("PASSWORD=hunter2 rest") == "PASSWORD=(sensitive) rest"
    assert assignments("Server=h;Password=p;") == "Server=h;Password=(sensitive);"
    assert assignments("the token bucket: 5") == "the token bucket: 5"
    assert assignments(assignments("api_key: 'x y'")) == assignments("api_key: 'x y'")
    start = time.process_time()
    assignments("a" * 2_000_000)
    assignments("a." * 1_000_000)
    assert time.process_time() - start < 3
