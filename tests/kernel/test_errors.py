"""The tree of errors: what its docstring and the reference of exit codes say is what the classes are."""

import inspect
import re

import pytest

from interlock.kernel import errors
from interlock.kernel.errors import InterlockError, Invalid, Problem

TREE = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, InterlockError)]
# The contract that scripts rely on: problem code, HTTP status and exit code of each error.
CONTRACT = {
    "failed": (422, 1), "broken-check": (422, 1), "internal": (500, 1),
    "invalid": (422, 2), "malformed": (400, 2), "too-large": (413, 2), "unsupported": (415, 2), "required": (428, 2),
    "not-found": (404, 3), "gone": (410, 3),
    "denied": (403, 4), "unauthenticated": (401, 4), "separation": (403, 4),
    "conflict": (409, 5), "locked": (423, 5), "stale": (409, 5), "fenced": (409, 5), "precondition": (412, 5),
    "idempotency": (422, 5),
    "policy": (409, 20), "approval": (409, 21), "frozen": (409, 22), "rolled-back": (409, 23), "timeout": (504, 24),
    "unavailable": (503, 75), "rate-limited": (429, 75),
}  # fmt: skip


def test_codes_statuses_and_exit_codes() -> None:
    leaves = [error for error in TREE if error is not InterlockError]
    assert {error.code: (error.status, error.exit_code) for error in leaves} == CONTRACT
    assert len(leaves) == len(CONTRACT)


def test_the_docstring_draws_the_whole_tree() -> None:
    drawn = errors.__doc__ or ""
    for error in TREE:
        line = re.search(rf"^ *{error.__name__}\b.*|\b{error.__name__}\b", drawn, re.MULTILINE)
        assert line, f"{error.__name__} is not drawn"
        code = re.match(rf" *{error.__name__} +(\d+)", line[0])
        assert code is None or int(code[1]) == error.exit_code


@pytest.mark.parametrize("error", TREE)
def test_each_is_described(error: type[InterlockError]) -> None:
    assert error.__doc__


def test_shape_of_structured_output() -> None:
    problem = Problem("unknown field", file="a.yaml", line=3, column=7, field="spec.x", hint="did you mean y")
    error = Invalid("a.yaml is not understood", why="1 fault", hint="correct it", problems=[problem])
    assert error.as_dict() == {
        "code": "invalid",
        "message": "a.yaml is not understood",
        "why": "1 fault",
        "hint": "correct it",
        "errors": [
            {
                "file": "a.yaml",
                "line": 3,
                "column": 7,
                "field": "spec.x",
                "message": "unknown field",
                "hint": "did you mean y",
            }
        ],
        "exit_code": 2,
        "request_id": None,
    }
    assert Invalid("x").as_dict()["why"] is None


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("m"), "m"),
        (Problem("m", file="f"), "f: m"),
        (Problem("m", file="f", line=2), "f:2: m"),
        (Problem("m", file="f", line=2, column=5, field="spec.x"), "f:2:5: spec.x: m"),
        (Problem("m", file="f", line=2, column=5, field="spec.x", hint="h"), "f:2:5: spec.x: m (h)"),
    ],
)
def test_a_problem_in_one_line(problem: Problem, text: str) -> None:
    assert str(problem) == text
