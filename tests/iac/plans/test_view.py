"""Entries of a plan: chosen, ordered, explained."""

from typing import Any

import pytest

from iac.plans.builders import change, check, mixed, opened, plan, resource
from interlock.iac.plans.clean import Clean
from interlock.iac.plans.secrets import redactor
from interlock.iac.plans.view import Entry, entries, natural, select
from interlock.kernel.errors import Invalid


def seen(document: dict[str, Any], *only: str, full: bool = False, group: str = "action") -> list[Entry]:
    file = opened(document)
    return list(entries(file.plan, Clean(redactor(file)), select(only, full=full, group=group)))


def test_everything_is_shown_in_its_order_with_its_mark() -> None:
    assert [(entry.label, entry.mark, entry.address) for entry in seen(mixed())] == [
        ("create", "+", "aws_s3_bucket.assets"),
        ("create", "+", "module.cdn.aws_cloudfront_distribution.main"),
        ("update", "~", "aws_iam_policy.read"),
        ("update", "~", "aws_lb_listener.https"),
        ("update", "~", "aws_sqs_queue.jobs"),
        ("replace", "-/+", "aws_db_subnet_group.orders"),
        ("replace", "+/-", "aws_lb.web"),
        ("destroy", "-", "aws_iam_user.legacy"),
        ("destroy", "-", "aws_instance.web (deposed 1a2b3c4d)"),
        ("read", "<=", "data.aws_ami.base"),
        ("move", ">", "aws_vpc.main"),
        ("import", "<", "aws_eip.nat"),
        ("forget", ".", "aws_kms_key.kept"),
        ("drift", "!", "aws_security_group.web"),
        ("outputs", "~", "db_password"),
        ("outputs", "+", "endpoint"),
        ("checks", "", "check.health"),
        ("deferred", "+", "aws_instance.later"),
        ("actions", "", "action.aws_lambda_invoke.warm"),
    ]


def test_order_does_not_depend_on_the_file() -> None:
    document = mixed()
    before = seen(document)
    document["resource_changes"].sort(key=lambda item: item["address"][::-1])
    assert seen(document) == before


def test_the_rest_is_shown_when_all_is_asked_for() -> None:
    extra = {entry.address for entry in seen(mixed(), full=True)} - {entry.address for entry in seen(mixed())}
    assert extra == {"aws_subnet.a", "same", "check.fine"}


def test_values_of_what_is_created_or_destroyed_only_when_all_is_asked_for() -> None:
    document = plan(resource("a.b", "create", None, {"x": 1, "y": None}), resource("a.c", "delete", {"x": 1}))
    assert [len(entry.changes) for entry in seen(document)] == [0, 0]
    assert [[change.path for change in entry.changes] for entry in seen(document, full=True)] == [[("x",)], [("x",)]]


@pytest.mark.parametrize(
    ("only", "addresses"),
    [
        (["replace"], ["aws_db_subnet_group.orders", "aws_lb.web"]),
        (["drift,outputs"], ["aws_security_group.web", "db_password", "endpoint"]),
        (["read", "forget"], ["data.aws_ami.base", "aws_kms_key.kept"]),
        (["move,import"], ["aws_vpc.main", "aws_eip.nat"]),
        (["unchanged"], ["aws_subnet.a"]),
        (["checks"], ["check.health", "check.fine"]),
        (["deferred"], ["aws_instance.later"]),
        (["actions"], ["action.aws_lambda_invoke.warm"]),
        (["module.cdn"], ["module.cdn.aws_cloudfront_distribution.main"]),
        (["aws_lb*", "update"], ["aws_lb_listener.https"]),
        (["aws_lb.web"], ["aws_lb.web"]),
        (["aws_l"], None),
        (["aws_vpc.*", "create"], []),
    ],
)
def test_filters(only: list[str], addresses: list[str] | None) -> None:
    if addresses is None:
        with pytest.raises(Invalid, match="--only has no"):
            seen(mixed(), *only)
    else:
        assert [entry.address for entry in seen(mixed(), *only)] == addresses


def test_an_instance_key_with_a_comma_can_be_named() -> None:
    document = plan(resource('a.b["x,y"]', "create", None, {}), resource('a.b["z"]', "create", None, {}))
    assert [entry.address for entry in seen(document, 'a.b["x,y"],update', "create")] == ['a.b["x,y"]']
    assert len(seen(document, "a.b")) == 2


def test_a_word_that_is_not_known_is_refused_with_what_there_is() -> None:
    with pytest.raises(Invalid) as refused:
        select(["creat"])
    assert "create" in refused.value.hint


def test_a_resource_that_moves_and_changes_is_found_by_both() -> None:
    document = plan(resource("a.new", "update", {"x": 1}, {"x": 2}, previous_address="a.old"))
    for word in ("move", "update"):
        (entry,) = seen(document, word)
        assert entry.details == ("was a.old",)


def test_groups() -> None:
    assert [entry.group for entry in seen(mixed(), "create,drift", group="module")] == [
        "root module", "root module", "module.cdn",
    ]  # fmt: skip
    assert [entry.group for entry in seen(mixed(), "replace", group="type")] == ["aws_db_subnet_group", "aws_lb"]


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"action_reason": "replace_because_tainted"}, "tainted, so it must be replaced"),
        ({"action_reason": "replace_by_request"}, "replacement was requested"),
        ({"replace_paths": [["gone", "by"]]}, "forced by gone.by"),
    ],
)
def test_why_a_resource_is_replaced(more: dict[str, Any], detail: str) -> None:
    (entry,) = seen(plan(resource("a.b", "delete,create", {"x": 1}, {"x": 1}, **more)))
    assert entry.details == (detail,)


def test_a_forgotten_object_that_is_created_again() -> None:
    (entry,) = seen(plan(resource("a.b", "forget,create", {"x": 1}, {"x": 2})))
    assert (entry.mark, entry.effect) == ("./+", "replace")
    assert "forgotten, not destroyed" in entry.details[0]


@pytest.mark.parametrize(
    ("importing", "detail"),
    [
        ({"id": "i-1"}, 'imports "i-1"'),
        ({"identity": {"arn": "x"}}, 'imports {"arn": "x"}'),
        ({"unknown": True}, "imports what is known after apply"),
    ],
)
def test_imports(importing: dict[str, Any], detail: str) -> None:
    (entry,) = seen(plan(resource("a.b", "no-op", {}, {}, importing=importing)))
    assert entry.details == (detail,)


def test_drift_says_what_happened() -> None:
    drift = [
        resource("a.gone", "delete", {"x": 1}),
        resource("a.moved", "no-op", {}, {}, previous_address="a.old"),
        resource("a.other", "update", {"x": 1}, {"x": 2}),
    ]
    document = plan(resource_drift=drift)
    assert {entry.address: entry.details[0] for entry in seen(document)} == {
        "a.gone": "deleted outside",
        "a.moved": "moved",
        "a.other": "changed outside",
    }


def test_outputs_of_every_shape() -> None:
    outputs = {
        "gone": change("delete", 1, None, after_unknown=False),
        "list": change("update", [1, 2], [1, 3], after_unknown=False),
        "later": change("create", None, None, after_unknown=True),
        "null": change("create", None, None, after_unknown=False),
    }
    shown = {entry.address: [c.path for c in entry.changes] for entry in seen(plan(output_changes=outputs))}
    assert shown == {"gone": [()], "list": [(1,)], "later": [()], "null": []}


def test_checks_tell_their_messages() -> None:
    (entry,) = seen(plan(checks=[check("check.a", "error", "one", "two")]))
    assert entry.details == ("error", "one", "two")


def test_values_are_decoded_when_their_entry_is_reached() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    stream = entries(
        opened(plan(resource("a.b", "update", {}, {"x": 1}), resource("a.c", "update", {}, {"x": deep}))).plan,
        Clean(),
        select([]),
    )
    assert next(stream).address == "a.b"
    with pytest.raises(Invalid, match="nested deeper"):
        next(stream)


def test_natural_order() -> None:
    assert sorted(["a[10]", "a[2]", "a", "b1"], key=natural) == ["a", "a[2]", "a[10]", "b1"]
