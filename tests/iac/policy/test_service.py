"""What goes to the engine and when: slices of the file, one session, nothing unmasked back."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iac.plans.builders import SECRET, opened, plan, resource, written
from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.iac.plans.terraform import PlanFile
from interlock.iac.policy import service
from interlock.iac.policy.model import Bundle, Engine, Exemption
from interlock.iac.policy.ports import Evaluation, Limits, PolicySession
from interlock.kernel.errors import BrokenCheck, Invalid

GOOD = resource("a.b", "create", None, {"x": 1})


def none(_rule: str, _resource: str) -> Exemption | None:
    return None


class Watched:
    """The embedded engine, which tells what it was asked and when."""

    def __init__(self) -> None:
        self.sessions = 0
        self.documents: list[Any] = []
        self.pieces: list[Sequence[bytes]] = []

    def describe(self) -> Engine:
        return EmbeddedEngine().describe()

    @contextmanager
    def session(self, bundle: Bundle, limits: Limits) -> Iterator[PolicySession]:
        self.sessions += 1
        with EmbeddedEngine().session(bundle, limits) as session:
            self._session = session
            yield self

    def evaluate(self, document: Sequence[bytes], queries: Sequence[str], data: dict[str, Any]) -> Evaluation:
        self.pieces.append(document)
        self.documents.append(json.loads(b"".join(document)))
        return self._session.evaluate(document, queries, data)


def policies(folder: Path, text: str) -> list[str]:
    (folder / "p.rego").write_text(text)
    return [str(folder / "p.rego")]


def test_only_the_sections_that_policies_name_are_sent(tmp_path: Path) -> None:
    found = service.load(policies(tmp_path, "package main\n\ndeny contains m if m := input.checks[_].never\n"))
    engine = Watched()
    file = written(tmp_path, plan(GOOD, checks=[], variables={"x": {"value": 1}}))
    (judgement,) = service.judge(engine, found, [file], none, Limits())
    assert judgement.error is None
    assert engine.documents == [{"checks": []}]


def test_a_policy_that_uses_input_as_a_whole_gets_all_of_it(tmp_path: Path) -> None:
    found = service.load(policies(tmp_path, "package main\n\ndeny contains m if m := input[_].never\n"))
    engine = Watched()
    whole = plan(GOOD)
    list(service.judge(engine, found, [written(tmp_path, whole)], none, Limits()))
    assert engine.documents == [whole]


def test_many_plans_share_a_session_that_starts_before_the_first_is_read(tmp_path: Path) -> None:
    found = service.load(policies(tmp_path, "package main\n\ndeny contains m if m := input.checks[_].never\n"))
    engine = Watched()
    good = written(tmp_path, plan(GOOD))
    judgements = service.judge(engine, found, ["none.json", good, good], none, Limits())
    first = next(judgements)
    assert isinstance(first.error, Invalid)
    assert engine.sessions == 1
    assert [item.error for item in judgements] == [None, None]
    assert engine.sessions == 1


def test_plans_that_cannot_be_read_are_told_though_the_policies_are_broken_too(tmp_path: Path) -> None:
    found = service.load(policies(tmp_path, "package main\n\ndeny contains 1 if { input.x == }\n"))
    (judgement,) = service.judge(EmbeddedEngine(), found, ["none.json"], none, Limits())
    assert isinstance(judgement.error, Invalid)
    with pytest.raises(BrokenCheck):
        list(service.judge(EmbeddedEngine(), found, [], none, Limits()))


def test_pieces_are_slices_of_the_file() -> None:
    content = json.dumps(plan(GOOD)).encode()
    file = PlanFile("plan.json", content)
    slices = [piece for piece in service.pieces(file, None) if isinstance(piece, memoryview)]
    assert len(slices) == len(file.sections)
    assert all(piece.readonly for piece in slices)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5), st.data())
def test_pieces_make_the_chosen_sections(more: dict[str, Any], data: st.DataObject) -> None:
    document = more | plan()
    chosen = data.draw(st.sets(st.sampled_from([*document, "absent"])))
    joined = b"".join(service.pieces(opened(document), frozenset(chosen)))
    assert json.loads(joined) == {key: value for key, value in document.items() if key in chosen}


def test_a_fault_keeps_its_place_and_loses_its_secrets(tmp_path: Path) -> None:
    text = "package main\n\ndeny contains m if m := to_number(input.resource_changes[0].change.after.password)\n"
    hidden = resource("a.b", "create", None, {"password": SECRET}, after_sensitive={"password": True})
    found = service.load(policies(tmp_path, text))
    (judgement,) = service.judge(EmbeddedEngine(), found, [written(tmp_path, plan(hidden))], none, Limits())
    assert isinstance(judgement.error, BrokenCheck)
    assert any(problem.line == 3 for problem in judgement.error.problems)
    assert SECRET not in repr(judgement.error.as_dict()) + repr(judgement)
    assert judgement.report.problems
    assert judgement.report.passed == 0


def test_a_loop_ends_and_the_next_plan_is_judged(tmp_path: Path) -> None:
    text = """package main

deny contains "x" if {
	input.variables.loop.value
	some i in numbers.range(1, 3000)
	some j in numbers.range(1, 3000)
	some k in numbers.range(1, 3000)
	i + j + k == input.variables.never.value
}
"""
    found = service.load(policies(tmp_path, text))
    loop = written(tmp_path, plan(GOOD, variables={"loop": {"value": True}, "never": {"value": 0}}), "loop.json")
    good = written(tmp_path, plan(GOOD), "good.json")
    first, second = service.judge(EmbeddedEngine(), found, [loop, good], none, Limits(seconds=1.0))
    assert isinstance(first.error, BrokenCheck)
    assert second.error is None
    assert second.report.passed == 1


def test_the_bundled_set_is_shown_by_short_names() -> None:
    found = service.load(())
    assert all(rule.file.startswith("default/") for rule in found.rules)
    assert all(module.file.startswith("default/") for module in found.modules)


@pytest.mark.parametrize("missing", ["none", "none/p.rego"])
def test_policies_that_are_not_there_are_a_wrong_argument(missing: str) -> None:
    with pytest.raises(Invalid):
        service.load([missing])
