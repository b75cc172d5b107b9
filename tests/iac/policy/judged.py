"""Judgements for tests of formats: every verdict, hostile texts, a plan that was not judged."""

from interlock.iac.policy.model import Engine, Exemption, Kind, Report, Result, Rule, Severity, Verdict
from interlock.iac.policy.service import Judgement
from interlock.kernel.errors import BrokenCheck, Problem

HOSTILE = (
    "]]></failure><x/> & \"quoted\" 'it' %0A::error::made up\r\n::error file=x::injected\n"
    "::set-output name=x::y \x00\x07\x1b[31mred\x1b[0m \u202ertl \ufffe <!-- \ud800"
)
RULES = (
    Rule(
        "net.open", Kind.DENY, "main", "deny_open", "data.main.deny_open", "policies/net.rego", 31,
        "ports are closed", "A port is open.", Severity.CRITICAL, "name the source ranges", ("CIS-5.2", "SOC2-CC6.6"),
    ),
    Rule("tags.owner", Kind.WARN, "main", "warn_owner", "data.main.warn_owner", "policies/tags.rego", 12),
    Rule(
        "s3.versioning", Kind.DENY, "main", "deny_v", "data.main.deny_v", "policies/s3.rego", 5, severity=Severity.LOW
    ),
    Rule("quiet", Kind.DENY, "main", "deny_quiet", "data.main.deny_quiet", "policies/quiet.rego", 1),
)  # fmt: skip
EXEMPTION = Exemption("s3.versioning", "*", "write-once store", "2026-12-31", expired=False, id="EXM-9", line=3)
ENGINE = Engine("embedded", "0.13.0")
DIGEST = "sha256:" + "7c19e2f0a4b1" + "0" * 52


def report(*results: Result, plan: str = "plan.json", problems: tuple[str, ...] = ()) -> Report:
    return Report(plan, "OpenTofu 1.9.1, 3 resources: 3 create", results, RULES, ENGINE, DIGEST, problems)


def every(message: str = "port 22 is open", plan: str = "plan.json") -> Judgement:
    """One result of each verdict."""
    return Judgement(
        report(
            Result(Verdict.VIOLATION, RULES[0], "aws_security_group.web", message),
            Result(Verdict.WARNING, RULES[1], "", message),
            Result(Verdict.EXEMPT, RULES[2], "aws_s3_bucket.logs", message, EXEMPTION),
            plan=plan,
        )
    )


def passed(plan: str = "good.json") -> Judgement:
    return Judgement(report(plan=plan))


def broken(text: str = "division by zero", plan: str = "bad.json") -> Judgement:
    problems = [Problem(text, "policies/net.rego", 31, 7)]
    error = BrokenCheck(f"a policy ended in an error: {text}", why="never passed", hint="correct it", problems=problems)
    return Judgement(report(plan=plan, problems=(error.message,)), error)
