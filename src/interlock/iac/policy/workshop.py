"""How ``policy test``, ``lint`` and ``eval`` print, and how they end.

Rules: data on stdout in every format, all else on stderr; what comes from outside is escaped; a test that does not
pass, and a policy that the embedded engine must not run, end in exit 1.
"""

from collections.abc import Sequence
from typing import Any

from interlock.iac.policy.evaluation import Values
from interlock.iac.policy.finding import Finding
from interlock.iac.policy.records import plural
from interlock.iac.policy.testing import Ending, Run, Tested
from interlock.kernel.errors import BrokenCheck, Failed
from interlock.web.output import Out, escape

_TEST_COLUMNS = ("result", "test", "file", "line", "message")
_FINDING_COLUMNS = ("file", "line", "column", "rule", "fatal", "message", "hint")


def tests(out: Out, found: Run) -> None:
    """Print tests: those that do not pass, with ``-v`` all.

    Raises:
        Failed: one does not pass.
    """
    if out.table and not out.columns:
        for test in found.tests:
            if out.verbose or test.ending is not Ending.PASS:
                _test(out, test)
        counts = [f"{found.count(ending)} {word}" for ending, word in _WORDS.items() if found.count(ending)]
        out.line(f"{plural(len(found.tests), 'test')}: {', '.join(counts)}")
    else:
        out.rows(map(_test_record, found.tests), _TEST_COLUMNS)
    for line in found.prints if out.verbose else ():
        out.note(f"print: {escape(line)}")
    bad = len(found.tests) - found.count(Ending.PASS)
    if bad:
        does = "does" if len(found.tests) == 1 else "do"
        raise Failed(
            f"{bad} of {plural(len(found.tests), 'test')} {does} not pass",
            why="a test passes when its value is true",
            hint="correct the rule or the test",
        )


_WORDS = {Ending.PASS: "passed", Ending.FAIL: "failed", Ending.ERROR: "could not be run"}


def _test(out: Out, test: Tested) -> None:
    mark = out.style(f"{test.ending:<5}", "good" if test.ending is Ending.PASS else "bad")
    place = f" ({test.file}:{test.line})" if test.file else ""
    said = f": {test.message}" if test.message else ""
    out.line(f"{mark}  {escape(test.name + said + place)}")
    for problem in test.problems:
        out.line(f"       {escape(str(problem))}")


def _test_record(test: Tested) -> dict[str, Any]:
    return {
        "result": test.ending.value,
        "test": test.name,
        "file": test.file or None,
        "line": test.line or None,
        "message": test.message or None,
        "errors": [problem.as_dict() for problem in test.problems],
    }


def findings(out: Out, found: Sequence[Finding], files: int) -> None:
    """Print what the linter found.

    Raises:
        BrokenCheck: something is fatal.
    """
    fatal = sum(finding.fatal for finding in found)
    if out.table and not out.columns:
        for finding in found:
            mark = out.style("fatal  ", "bad") if finding.fatal else out.style("warning", "caution")
            hint = f" ({finding.hint})" if finding.hint else ""
            text = f"{finding.file}:{finding.line}:{finding.column}: {finding.rule}: {finding.message}{hint}"
            out.line(f"{mark}  {escape(text)}")
        out.line(f"{plural(files, 'file')}: {fatal} fatal, {plural(len(found) - fatal, 'warning')}")
    else:
        out.rows(map(_finding_record, found), _FINDING_COLUMNS)
    if fatal:
        raise BrokenCheck(
            f"the embedded engine must not run {plural(fatal, 'construct')} of these policies",
            why="it would answer differently from OPA, or not at all",
            hint="correct what is listed, or judge with --engine opa",
        )


def _finding_record(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "rule": finding.rule,
        "fatal": finding.fatal,
        "message": finding.message,
        "hint": finding.hint or None,
    }


def values(out: Out, found: Values) -> None:
    """Print what queries came to; as a table, each value as JSON on its line."""
    for line in found.prints:
        out.note(f"print: {escape(line)}")
    if out.table and not out.columns:
        import json  # noqa: PLC0415 - only where it is printed

        for query, value in found.values.items():
            text = "undefined" if value is None else json.dumps(value, ensure_ascii=False, indent=2, default=float)
            out.line(f"{query} = " + "\n".join(escape(line) for line in text.split("\n")))
    else:
        out.record(found.values)
