"""What differs in meaning: empty exactly when the digests are equal, and no secret told."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iac.plans.builders import OTHER_SECRET, SECRET, change, check, mixed, opened, plan, resource
from interlock.iac.plans.clean import Clean
from interlock.iac.plans.difference import Differing, difference, untag
from interlock.iac.plans.meaning import digest
from interlock.iac.plans.records import differing_record
from interlock.iac.plans.secrets import redactor
from interlock.iac.plans.table import difference_lines
from interlock.iac.plans.values import Leaf, same, tag


def differing(old: dict[str, Any], new: dict[str, Any]) -> list[Differing]:
    files = opened(old), opened(new)
    found = difference(files[0].plan, files[1].plan, Clean(*map(redactor, files)))
    assert (found == []) == (digest(files[0].plan) == digest(files[1].plan))
    return found


def text(found: list[Differing]) -> str:
    lines = difference_lines(found, lambda text, _: text, full=True)
    return "\n".join(lines) + json.dumps([differing_record(item) for item in found])


def update(before: Any, after: Any, **more: Any) -> dict[str, Any]:
    return plan(resource("a.b", "update", before, after, **more))


def test_equal_meaning_is_no_difference() -> None:
    other = mixed()
    other["resource_changes"].reverse()
    other["timestamp"] = "2027-01-01T00:00:00Z"
    assert differing(mixed(), other) == []


def test_added_removed_and_changed() -> None:
    old = plan(resource("a.old", "create", None, {}), resource("a.b", "update", {"x": 1}, {"x": 2}))
    new = plan(resource("a.new", "delete", {"id": 1}), resource("a.b", "update", {"x": 1}, {"x": 3}))
    found = differing(old, new)
    assert [(item.kind, item.address, item.old_effect, item.new_effect) for item in found] == [
        ("added", "a.new", "", "destroy"),
        ("removed", "a.old", "create", ""),
        ("changed", "a.b", "update", "update"),
    ]
    (place,) = found[2].places
    assert (place.change.path, place.change.before, place.change.after) == (("x",), 2, 3)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (update({"x": 1}, {"x": 2}), update({"x": 0}, {"x": 2}), "before the change"),
        (update({"x": 1}, {"x": 2}), update({"x": 0}, {"x": 3}), "starts from 1 -> 0"),
        (update({"x": 1}, {"x": 2}), update({"x": 1}, {}, after_unknown={"x": True}), "2 -> known after apply"),
        (update({"x": 1, "y": 1}, {"x": 2, "y": 1}), update({"x": 1, "y": 1}, {"x": 2, "y": 2}), "untouched -> 2"),
        (update({"x": 1}, {"x": 2}), plan(resource("a.b", "delete,create", {"x": 1}, {"x": 2})), "update -> replace"),
        (update({"x": 1}, {"x": 2}), update({"x": 1}, {"x": 2}, provider_name="other"), "provider "),
        (plan(checks=[check("c", "pass")]), plan(checks=[check("c", "fail")]), "check c   pass -> fail"),
        (plan(), plan(errored=True), "plan errored"),
        (
            update({"p": "{}"}, {"p": '{"a": [1, 2]}'}),
            update({"p": "{}"}, {"p": '{"a": [1, 3]}'}),
            "p (JSON) a[1]",
        ),
    ],
)
def test_what_differs_is_said(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    (item,) = differing(old, new)
    assert expected in text([item])


def test_a_secret_differs_only_in_whether_it_changes() -> None:
    marks = {"before_sensitive": {"x": True}, "after_sensitive": {"x": True}}
    assert differing(update({"x": "a"}, {"x": SECRET}, **marks), update({"x": "a"}, {"x": OTHER_SECRET}, **marks)) == []
    (item,) = differing(update({"x": "a"}, {"x": SECRET}, **marks), update({"x": "a"}, {"x": "a"}, **marks))
    assert [(place.old, place.new) for place in item.places] == [("secret changed", "secret unchanged")]


def secrets() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    a, b = SECRET, OTHER_SECRET
    marked = {"after_sensitive": {"x": True}}
    doc = [json.dumps({"env": [{"name": "DB_PASSWORD", "value": value}], "n": 1}) for value in (a, b)]
    return [
        (update({"x": 1}, {"x": a}, **marked), update({"x": 1}, {"x": 2}, **marked)),
        (update({"x": 1}, {"x": a, "y": f"u:{a}"}, **marked), update({"x": 1}, {"x": b, "y": f"u:{b}"}, **marked)),
        (update({"x": 1}, {"x": a}, **marked), update({"x": 1}, {"x": a})),
        (update({"password": "-"}, {"password": a}), update({"password": "-"}, {"password": b})),
        (update({"d": doc[0]}, {"d": "{}"}), update({"d": doc[1]}, {"d": "[]"})),
        (update({"d": "{}"}, {"d": doc[0]}), update({"d": "{}"}, {"d": "{}", "e": 1})),
        (update({"d": doc[0]}, {"d": "{}"}), update({"d": doc[1]}, {"d": "{}"})),
        (
            update({"e": []}, {"e": [{"name": "API_TOKEN", "value": a}]}),
            update({"e": []}, {"e": [{"name": "API_TOKEN", "value": b}]}),
        ),
        (
            plan(output_changes={"admin_password": change("create", None, a, after_unknown=False)}),
            plan(output_changes={"admin_password": change("create", None, b, after_unknown=False)}),
        ),
    ]


@pytest.mark.parametrize(("old", "new"), secrets())
@pytest.mark.parametrize("swap", [False, True])
def test_no_secret_is_told(old: dict[str, Any], new: dict[str, Any], *, swap: bool) -> None:
    shown = text(differing(new, old) if swap else differing(old, new))
    assert SECRET not in shown
    assert OTHER_SECRET not in shown


def test_the_same_action_invoked_twice() -> None:
    invocation = {"address": "action.a.b", "config_values": {"n": 1}}
    other = copy.deepcopy(invocation) | {"config_values": {"n": 2}}
    found = differing(plan(action_invocations=[invocation, invocation]), plan(action_invocations=[invocation, other]))
    assert [(item.kind, item.section) for item in found] == [("changed", "action")]
    assert "config.n" in text(found)


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([Leaf.UNKNOWN, Leaf.MISSING])
TREES = st.recursive(LEAVES, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3))


@given(TREES)
def test_untag_is_the_inverse_of_tag(value: Any) -> None:
    assert same(untag(tag(value)), value)


@given(TREES.filter(lambda x: "Leaf" not in repr(x)), TREES.filter(lambda x: "Leaf" not in repr(x)))
def test_any_two_values_differ_as_their_digests_do(left: Any, right: Any) -> None:
    found = differing(update({"x": 0}, {"x": left}), update({"x": 0}, {"x": right}))
    if found:
        assert found[0].places
        assert text(found)
