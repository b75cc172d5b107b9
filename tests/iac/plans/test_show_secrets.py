"""A secret planted anywhere in a plan appears in no output of any `plan` command, format or grouping."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iac.plans.builders import SECRET, change, check, plan, resource, written
from interlock.__main__ import ROOT
from interlock.web.command import run

ENCODED = base64.b64encode(SECRET.encode()).decode()
MARKED = resource("a.marked", "update", {"x": "-"}, {"x": SECRET}, after_sensitive={"x": True})
VIEWS = (
    ("show",), ("show", "--full"), ("show", "-v", "--group", "module"), ("show", "--group", "type", "--full"),
    ("show", "--only", "checks,actions,drift,unchanged"), ("show", "-o", "json", "--full"),
    ("show", "-o", "ndjson", "--full"), ("show", "-o", "yaml"), ("show", "-o", "csv", "--full"), ("digest",),
    ("show", "--columns", "address,reason,details,importing,changes,body"),
)  # fmt: skip


def known() -> Iterator[dict[str, Any]]:
    """Plans in which one place marks the secret, and another tells it without a mark."""
    s = SECRET
    yield plan(MARKED, resource("a.b", "update", {"y": 1}, {"y": f"postgres://u:{s}@h/db"}))
    yield plan(MARKED, resource(f'a.b["{s}"]', "update", {"y": 1}, {"y": 2}))
    yield plan(MARKED, resource("a.b", "create", None, {f"key-{s}": 1, "l": [[s]]}))
    yield plan(MARKED, resource("a.b", "delete", {"x": s}, None))
    yield plan(MARKED, resource("a.b", "delete,create", {"x": 1}, {"x": 2}, replace_paths=[["tags", s]]))
    yield plan(MARKED, resource("a.b", "update", {"x": 1}, {"x": 2}, action_reason=f"because {s}"))
    yield plan(MARKED, resource("a.b", "no-op", {}, {}, importing={"id": s}))
    yield plan(MARKED, resource("a.b", "no-op", {}, {}, importing={"identity": {"k": [s]}}))
    yield plan(MARKED, resource("a.b", "no-op", {}, {}, previous_address=f'a.b["{s}"]'))
    yield plan(MARKED, resource("a.b", "delete", {}, None, deposed=s))
    yield plan(MARKED, resource("a.b", "create", None, {}, module_address=f'module.m["{s}"]'))
    yield plan(MARKED, resource("a.b", "update", {"d": "{}"}, {"d": json.dumps({"deep": [{"v": s}]})}))
    yield plan(MARKED, resource("a.b", "update", {"d": "x: 1\n"}, {"d": f"x: 1\ny:\n  - {s}\n"}))
    yield plan(MARKED, resource("a.b", "update", {"d": "a\nb\n"}, {"d": f"a\n{s}\nb\n"}))
    yield plan(MARKED, resource("a.b", "update", {"d": 'p "x" {\n}\n'}, {"d": f'p "x" {{\n  v = "{s}"\n}}\n'}))
    yield plan(MARKED, resource("a.b", "update", {"d": 1}, {"d": ENCODED}))
    yield plan(MARKED, resource_drift=[resource("a.b", "update", {"x": s}, {"x": f"{s}2"})])
    yield plan(MARKED, output_changes={"o": change("create", None, {"n": [s]}, after_unknown=False)})
    yield plan(MARKED, output_changes={f"o{s}": change("create", None, 1, after_unknown=False)})
    yield plan(MARKED, checks=[check(f"check.a[{s}]", "fail", f"got {s}")])
    yield plan(MARKED, checks=[check("check.a", s)])
    yield plan(MARKED, deferred_changes=[{"reason": s, "resource_change": resource("a.b", "create", None, {"x": s})}])
    yield plan(MARKED, action_invocations=[{"address": f"action.{s}", "config_values": {"x": s}}])
    yield plan(MARKED, terraform_version=s)
    yield plan(MARKED, resource("a.b", "create", None, {"x": f"{s[:6]}{'y' * 200}{s}"}))


def marked() -> Iterator[dict[str, Any]]:
    """Plans in which the only place that tells the secret is marked, or named as one."""
    s = SECRET
    hidden = {"before_sensitive": True, "after_sensitive": True, "after_unknown": False}
    yield plan(resource("a.b", "update", s, {"x": 1}, before_sensitive=True))
    yield plan(resource("a.b", "delete", {"l": [{"x": s}]}, None, before_sensitive={"l": [{"x": True}]}))
    yield plan(resource("a.b", "update", {"l": [s, 1]}, {"l": [1, s]}, before_sensitive={"l": True}))
    yield plan(resource("a.b", "delete,create", {"x": s}, {}, before_sensitive={"x": True}, after_unknown={"x": True}))
    yield plan(resource("a.b", "update", {"x": 1}, {"x": s}, before_sensitive={"x": True}))
    yield plan(resource("a.b", "create", None, {"admin_password": s}))
    yield plan(resource("a.b", "create", None, {"env": [{"name": "API_TOKEN", "value": s}]}))
    yield plan(resource("a.b", "create", None, {"doc": json.dumps({"client_secret": s})}))
    yield plan(resource("a.b", "update", {"doc": json.dumps({"password": s})}, {"doc": "gone"}))
    yield plan(resource_drift=[resource("a.b", "update", {"x": s}, {"x": 2}, before_sensitive={"x": True})])
    yield plan(output_changes={"o": change("update", s, f"{s}2", **hidden)})
    yield plan(output_changes={"o": change("delete", {"k": s}, None, **hidden)})
    yield plan(output_changes={"root_password": change("create", None, s, after_unknown=False)})
    yield plan(action_invocations=[{"address": "action.a.b", "config_values": s, "config_sensitive": True}])
    yield plan(action_invocations=[{"address": "action.a.b", "config_values": {"password": s}}])


def told(path: str, views: tuple[tuple[str, ...], ...], capsys: pytest.CaptureFixture[str]) -> str:
    texts = []
    for verb, *words in views:
        assert run(ROOT, ["plan", verb, path, *words]) == 0
        out, err = capsys.readouterr()
        texts += [out, err]
    return "".join(texts)


@pytest.mark.parametrize("number", range(len(list(known()))))
def test_a_secret_that_is_marked_elsewhere(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, list(known())[number])
    shown = told(path, VIEWS, capsys)
    assert SECRET not in shown
    assert ENCODED not in shown


@pytest.mark.parametrize("number", range(len(list(marked()))))
def test_a_secret_in_its_own_place(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, list(marked())[number])
    assert SECRET not in told(path, VIEWS, capsys)


@pytest.mark.parametrize("number", range(len([*known(), *marked()])))
def test_a_secret_in_one_of_two_plans(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = [*known(), *marked()][number]
    one, two = written(tmp_path, document, "1.json"), written(tmp_path, plan(resource("a.b", "update", 1, 2)), "2.json")
    shown = ""
    for pair in ((one, two), (two, one)):
        for words in ((), ("--full",), ("-o", "json"), ("-o", "ndjson"), ("-o", "yaml"), ("-o", "csv")):
            assert run(ROOT, ["plan", "diff", *pair, *words]) == 0
            shown += "".join(capsys.readouterr())
    assert SECRET not in shown
    assert ENCODED not in shown
