"""What a whole call comes to: the worst decides, and nothing is silent."""

from hypothesis import given
from hypothesis import strategies as st

from iac.policy.judged import broken, every, passed, report
from interlock.iac.policy.conclude import worst
from interlock.iac.policy.model import Verdict
from interlock.iac.policy.service import Judgement
from interlock.kernel.errors import Malformed

NOT_A_PLAN = Judgement(report(plan="x.json"), Malformed("x.json is not JSON", hint="write a plan"))
KINDS = {0: passed(), 20: every(), 1: broken(), 2: NOT_A_PLAN}
ORDER = [0, 20, 1, 2]


@given(st.lists(st.sampled_from(ORDER), min_size=1, max_size=6))
def test_the_worst_decides(codes: list[int]) -> None:
    found = worst([KINDS[code] for code in codes], Verdict.VIOLATION)
    assert (found.exit_code if found else 0) == max(codes, key=ORDER.index)


@given(st.lists(st.sampled_from([1, 2, 20]), min_size=2, max_size=6))
def test_every_fault_and_violation_is_told(codes: list[int]) -> None:
    found = worst([KINDS[code] for code in codes], Verdict.VIOLATION)
    assert found is not None
    told = "\n".join([found.message, found.why, *map(str, found.problems)])
    expected = {1: "division by zero", 2: "x.json is not JSON", 20: "policy violation"}
    assert all(expected[code] in told for code in codes)


def test_a_single_fault_is_itself() -> None:
    assert worst([NOT_A_PLAN, passed()], Verdict.VIOLATION) is NOT_A_PLAN.error


def test_the_summary_of_violations() -> None:
    found = worst([every(), passed()], Verdict.WARNING)
    assert found is not None
    assert found.message == "1 policy violation and 1 warning in 1 of 2 plans"
    assert found.why == "net.open: ports are closed; and 1 more rule"
    assert found.hint.startswith(
        "name the source ranges; or tolerate it in --exemptions FILE: rule: net.open, scope: aws"
    )
