"""What is told of a fault: the file, line and column as people wrote them."""

import pytest

from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.iac.policy.model import Bundle, Module
from interlock.iac.policy.ports import Limits
from interlock.kernel.errors import BrokenCheck, Invalid

LIMITS = Limits(seconds=20.0, memory=2 << 30)


def bundle(*sources: str) -> Bundle:
    modules = tuple(Module(f"policy/{index}.rego", source) for index, source in enumerate(sources))
    return Bundle("sha256:0", modules, (), {}, None, {}, ("main",))


def fault(rego: str, document: bytes = b"{}") -> BrokenCheck:
    with pytest.raises(BrokenCheck) as caught, EmbeddedEngine().session(bundle(rego), LIMITS) as session:
        session.evaluate([document], ["data.main.deny"], {})
    return caught.value


def test_a_line_as_it_was_written_has_its_column() -> None:
    error = fault('package main\n\ndeny contains 1 if net.cidr_contains("a", "b")\n')
    assert error.problems[0].place() == "policy/0.rego:3:37"


def test_a_rewritten_line_has_no_column() -> None:
    error = fault('package main\n\ndeny contains 1 if { input.a + 1 > 2; net.cidr_contains("a", "b") }\n', b'{"a": 3}')
    assert error.problems[0].place() == "policy/0.rego:3"


def test_a_copy_is_told_as_the_definition_that_it_copies() -> None:
    copy = '# interlock: copy of line 3\n_interlock_0 contains 1 if {\n\tnet.cidr_contains("a", "b")\n}\n'
    policies = bundle("package main\n\ndeny contains 1 if {\n\tfalse\n}\n\n" + copy)
    with pytest.raises(BrokenCheck) as caught, EmbeddedEngine().session(policies, LIMITS) as session:
        session.evaluate([b"{}"], ["data.main._interlock_0"], {})
    assert caught.value.problems[0].line == 4


def test_a_stand_in_tells_the_place_of_the_call() -> None:
    error = fault("package main\n\ndeny contains input.a + 1\n", b'{"a": 9007199254740993}')
    assert error.problems[0].place() == "policy/0.rego:3:23"
    assert "not exact" in error.problems[0].message


def test_an_input_that_is_nested_too_deeply_for_it_is_refused_and_the_other_engine_named() -> None:
    error = fault("package main\n\ndeny contains 1\n", b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}")
    assert "recursion limit" in error.why
    assert "--engine opa" in error.hint


def test_what_is_no_reference_is_not_asked() -> None:
    with pytest.raises(Invalid), EmbeddedEngine().session(bundle("package main\n"), LIMITS) as session:
        session.evaluate([b"{}"], ["data.main.deny] , [1"], {})


def test_a_construct_that_it_cannot_run_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(BrokenCheck) as caught:
        EmbeddedEngine().session(bundle('package main\n\ndeny contains crypto.sha256("a")\n'), LIMITS).__enter__()
    assert caught.value.problems[0].line == 3
    assert "--engine opa" in caught.value.hint


def test_a_policy_that_is_refused_at_loading_is_said_once_for_each_plan_and_ends_the_session_quietly() -> None:
    with EmbeddedEngine().session(bundle("package main\n\ndeny contains 1 if {\n"), LIMITS) as session:
        for _ in range(2):
            with pytest.raises(BrokenCheck, match="does not compile"):
                session.evaluate([b"{}"], ["data.main.deny"], {})
