"""What a policy set is and what it says about a plan. Pure.

Rules: a set without a single rule judges nothing and is an error, never a pass; a broken rule makes the whole answer
`broken`; every message here has already been masked; results sort by result, rule, resource, message.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What conftest calls the rule: the head's name up to the first underscore."""

    DENY = "deny"
    VIOLATION = "violation"
    WARN = "warn"


class Verdict(StrEnum):
    """How one result counts."""

    VIOLATION = "violation"
    WARNING = "warning"
    EXEMPT = "exempt"


class Severity(StrEnum):
    """How bad it is, in the words of the whole product."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule definition: one body of ``deny``, ``violation`` or ``warn`` (with or without ``_suffix``).

    Attributes:
        id: the name people exempt and search by: ``custom.id`` of its METADATA, else package and suffix.
        kind: what the head says.
        namespace: its Rego package, such as ``main``.
        name: the head's whole name, such as ``deny_public_ingress``.
        query: the document that holds this definition's results alone, such as ``data.main._interlock_3``.
        file, line: where the definition begins (1-based).
        title, description, severity, remedy, controls: from its METADATA annotation.
    """

    id: str
    kind: Kind
    namespace: str
    name: str
    query: str
    file: str
    line: int
    title: str = ""
    description: str = ""
    severity: Severity | None = None
    remedy: str = ""
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """One Rego source as the engine gets it: ``file`` is the name shown to people, ``source`` keeps the line numbers."""

    file: str
    source: str
    v0: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """A policy set, loaded, linted, rewritten and named.

    Attributes:
        digest: ``sha256:...`` over the original files (names relative to the set, bytes) and data documents.
        modules: what the engine loads.
        rules: every rule definition, by file and line.
        exceptions: for each namespace with conftest ``exception`` rules, the query of that set.
        sections: the top-level plan sections that some module names; None when one uses ``input`` as a whole.
        data: data documents, merged (JSON object).
        namespaces: every package with at least one rule.
    """

    digest: str
    modules: tuple[Module, ...]
    rules: tuple[Rule, ...]
    exceptions: dict[str, str]
    sections: frozenset[str] | None
    data: dict[str, Any]
    namespaces: tuple[str, ...]
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """A finding tolerated: ``scope`` is a glob over addresses; from ``until`` on it counts as absent."""

    rule: str
    scope: str
    reason: str
    until: str
    expired: bool
    id: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that a rule said about one resource (or about the plan, then ``resource`` is empty)."""

    verdict: Verdict
    rule: Rule
    resource: str
    message: str
    exemption: Exemption | None = None
    waived_by: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Engine:
    """Which engine judged: ``embedded 0.13.0`` or ``opa 1.22.2``."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """The judgement of one plan.

    Attributes:
        plan: the plan's name as given.
        headline: ``OpenTofu 1.9.1, 12 resources: 3 create, ...``.
        results: sorted; masked.
        rules: all rules that were asked.
        bundle: digest of the policy set.
        problems: why the answer is broken; when there is one, nothing counts as passed.
    """

    plan: str
    headline: str
    results: tuple[Result, ...]
    rules: tuple[Rule, ...]
    engine: Engine
    bundle: str
    problems: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """How many results have this verdict."""
        return sum(result.verdict is verdict for result in self.results)

    @property
    def passed(self) -> int:
        """How many rules said nothing at all; none when the answer is broken."""
        spoke = {(result.rule.file, result.rule.line) for result in self.results}
        return 0 if self.problems else sum((rule.file, rule.line) not in spoke for rule in self.rules)
