"""Tests of policies: true passes, all else does not, and one that breaks hides no other."""

from pathlib import Path

import pytest

from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.iac.policy import service, testing
from interlock.iac.policy.ports import Limits
from interlock.iac.policy.testing import Ending, Run
from interlock.kernel.errors import BrokenCheck, Invalid


def ran(folder: Path, text: str, package: str = "main") -> Run:
    file = folder / "it_test.rego"
    file.write_text(f"package {package}\n\n{text}\n")
    found = service.load([str(file)], with_tests=True)
    return testing.run(EmbeddedEngine(), found, Limits(seconds=20.0))


@pytest.mark.parametrize(
    ("rule", "ending"),
    [
        ("test_it if true", Ending.PASS),
        ("test_it := true", Ending.PASS),
        ("test_it := false", Ending.FAIL),
        ("test_it if false", Ending.FAIL),
        ("test_it := 1", Ending.FAIL),
        ('test_it := "true"', Ending.FAIL),
        ("test_it contains 1", Ending.FAIL),
        ("default test_it := false\n\ntest_it if true", Ending.PASS),
        ("test_it if false\n\ntest_it if true", Ending.PASS),
        ('test_it if to_number("x") == 1', Ending.ERROR),
    ],
)
def test_a_test_passes_when_its_value_is_true(tmp_path: Path, rule: str, ending: Ending) -> None:
    (found,) = ran(tmp_path, rule).tests
    assert found.ending is ending
    assert found.name == "main.test_it"
    assert (found.file, found.line > 0) == (str(tmp_path / "it_test.rego"), True)


def test_an_error_hides_no_other_test(tmp_path: Path) -> None:
    found = ran(tmp_path, 'test_a if true\n\ntest_b if to_number("x") == 1\n\ntest_c if false')
    assert [item.ending for item in found.tests] == [Ending.PASS, Ending.ERROR, Ending.FAIL]
    assert found.tests[1].problems[0].line == 5


def test_tests_of_every_package_run(tmp_path: Path) -> None:
    (found,) = ran(tmp_path, "test_it if true", "a.b").tests
    assert (found.name, found.line) == ("a.b.test_it", 3)


def test_prints_are_kept(tmp_path: Path) -> None:
    assert "hello" in ran(tmp_path, 'test_it if print("hello")').prints[0]


def test_no_test_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no test"):
        ran(tmp_path, "deny contains 1 if false")


def test_a_set_that_does_not_compile_is_broken(tmp_path: Path) -> None:
    with pytest.raises(BrokenCheck):
        ran(tmp_path, "test_it if nothing_of_the_kind(1)")
