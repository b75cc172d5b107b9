"""Judgements as SARIF 2.1.0, for code scanning.

Rules: one run for all plans, one reporting descriptor a rule with its remedy as help; a result lies in its plan (or
where ``_loc`` says) and names the resource as logical location and the rule's file as related one; its fingerprint is
made of rule, plan, resource and message, so it stays the same between runs; what is tolerated is a suppressed
result; a plan that was not judged is a notification of an invocation that failed; URIs are relative and escaped.
Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

from interlock import __version__
from interlock.iac.policy.github import location
from interlock.iac.policy.model import Result, Rule, Severity, Verdict
from interlock.iac.policy.records import tolerated
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out, escape

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# What code scanning sorts by: critical above 9.0, high 7.0 to 8.9, medium 4.0 to 6.9, low below.
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_json = msgspec.json.Encoder(decimal_format="number")


def write(out: Out, judgements: Sequence[Judgement], fail_on: Verdict) -> None:
    """Print one log with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(judgements, fail_on)]}
    out.stream.write(msgspec.json.format(_json.encode(_sound(log)), indent=2).decode() + "\n")


def _run(judgements: Sequence[Judgement], fail_on: Verdict) -> dict[str, Any]:
    rules = list({rule.id: rule for judgement in judgements for rule in judgement.report.rules}.values())
    places = {rule.id: place for place, rule in enumerate(rules)}
    broken = [judgement for judgement in judgements if judgement.error]
    driver = {
        "name": "Interlock",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    first = judgements[0].report
    return {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not broken,
                "toolExecutionNotifications": [_notification(judgement) for judgement in broken],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(item, judgement.report.plan, places[item.rule.id], fail_on)
            for judgement in judgements
            for item in judgement.report.results
        ],
        "properties": {"engine": f"{first.engine.name} {first.engine.version}", "bundle": first.bundle},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    title = rule.title or rule.name
    found: dict[str, Any] = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": rule.description or title},
        "help": {"text": rule.remedy or rule.description or title},
        "defaultConfiguration": {"level": "warning" if rule.kind.value == "warn" else "error"},
        "properties": {
            "severity": rule.severity.value if rule.severity else None,
            "controls": list(rule.controls),
            "tags": ["policy", *rule.controls],
        },
    }
    if rule.severity:
        found["properties"]["security-severity"] = _SCORES[rule.severity]
    else:
        del found["properties"]["severity"]
    return found


def _result(item: Result, plan: str, index: int, fail_on: Verdict) -> dict[str, Any]:
    rule = item.rule
    stops = Verdict.VIOLATION, fail_on
    level = "warning" if rule.kind.value == "warn" else "error"
    found: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error" if item.verdict in stops else level,
        "message": {"text": f"{item.resource}: {item.message}" if item.resource else item.message},
        "locations": [_location(item, plan)],
        "relatedLocations": [
            {"id": 1, "message": {"text": "the rule"}, "physicalLocation": _physical(rule.file, rule.line)}
        ],
        "partialFingerprints": {"interlock/v1": _fingerprint(item, plan)},
        "properties": {
            "verdict": item.verdict.value,
            "severity": rule.severity.value if rule.severity else None,
            "controls": list(rule.controls),
            "remedy": rule.remedy or None,
        },
    }
    found["properties"] = {key: value for key, value in found["properties"].items() if value is not None}
    if item.verdict is Verdict.EXEMPT:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": tolerated(item)}]
    return found


def _location(item: Result, plan: str) -> dict[str, Any]:
    place = location(item, plan)
    found: dict[str, Any] = {"physicalLocation": _physical(place["file"], place["line"])}
    if item.resource:
        found["logicalLocations"] = [{"fullyQualifiedName": item.resource, "kind": "resource"}]
    return found


def _physical(file: str, line: int) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}}


def _uri(file: str) -> str:
    path = PurePath(file)
    # A colon in the first part would make it a scheme.
    text = quote(path.as_posix().encode("utf-8", "surrogatepass"), safe="/~!$&'()*+,;=@-._")
    return f"file://{text if text.startswith('/') else '/' + text}" if path.is_absolute() else text


def _fingerprint(item: Result, plan: str) -> str:
    parts = [item.rule.id, plan, item.resource, item.message]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _notification(judgement: Judgement) -> dict[str, Any]:
    error = judgement.error
    texts = [error.message, error.why, *map(str, error.problems), error.hint] if error else []
    return {
        "level": "error",
        "message": {"text": "\n".join(filter(None, texts))},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(judgement.report.plan)}}}],
    }


def _sound(value: Any) -> Any:
    """The value with every invisible or controlling character of its texts shown escaped; lines stay."""
    if isinstance(value, str):
        return "\n".join(map(escape, value.split("\n")))
    if isinstance(value, dict):
        return {key: _sound(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_sound(item) for item in value]
    return value
