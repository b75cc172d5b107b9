"""Writes `docs/reference/default-policies.md` from the annotations of the bundled policies.

Rules: nothing stands in the page that does not stand in the policies; the same policies give the same bytes.
"""

from collections.abc import Iterable
from pathlib import Path

from interlock.iac.policy.bundle import default_paths, load
from interlock.iac.policy.model import Rule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "default-policies.md"
_INTRODUCTION = """\
# Default policies

`interlock check PLAN.json` judges a plan by these {count} rules when no `--policy` is given. What a `deny` rule says is
a violation, what a `warn` rule says is a warning, which fails the check with `--fail-on warn` only. Exempt a finding by
the id of its rule.

Rules look at what a plan creates, updates, replaces, destroys or forgets; unchanged resources and data sources are not
judged. Where a value decides that is known only after apply, the rule itself or a `warn` rule beside it says so; what a
plan cannot tell apart is named in the description of the rule. Two numbers can be set in a data document `interlock`
(`--data`): `max_destroys` and `backup_days`.

Controls are those of NIST SP 800-53 Rev. 5, the CIS AWS Foundations Benchmark 3.0.0, the SOC 2 trust services criteria
(2017), ISO/IEC 27001:2022 Annex A and PCI DSS 4.0. They say which control a rule helps to meet, not that it meets it.

This page is made by `tools/policy_reference.py`; do not edit it.
"""


def render(rules: Iterable[Rule] | None = None) -> str:
    """The page as Markdown; without rules, those of the bundled set."""
    listed = sorted(load(default_paths()).rules if rules is None else rules, key=lambda rule: rule.id)
    parts = [_INTRODUCTION.format(count=len(listed)), _table(listed)]
    parts += [_section(rule) for rule in listed]
    return "\n".join(parts)


def _table(rules: Iterable[Rule]) -> str:
    lines = ["| Rule | Kind | Severity | What it asks | Remedy | Controls |", "|---|---|---|---|---|---|"]
    lines += [
        f"| [{rule.id}](#{_anchor(rule.id)}) | {rule.kind} | {_severity(rule)} | {_cell(rule.title)} "
        f"| {_cell(rule.remedy)} | {', '.join(rule.controls)} |"
        for rule in rules
    ]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> str:
    file = Path(rule.file).name
    return f"## {rule.id}\n\n{rule.description}\n\n`{rule.name}` in `{file}`. To do: {rule.remedy}.\n"


def _severity(rule: Rule) -> str:
    return str(rule.severity) if rule.severity else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(heading: str) -> str:
    """As GitHub and most others make it: lower case, without dots."""
    return heading.lower().replace(".", "")


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
