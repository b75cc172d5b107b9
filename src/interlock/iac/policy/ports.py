"""The port to a Rego engine. Two adapters keep it: the embedded engine in a worker process, and the `opa` binary.

Rules: an engine that cannot judge raises `BrokenCheck` and never answers "no results"; it holds the limits itself and
stops what passes them; nothing outlives the session: no process, no file; it gets modules that are linted and
rewritten already, and no environment variable of ours; errors name file, line and column of the module as given.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from interlock.iac.policy.model import Bundle, Engine

GIBIBYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use.

    Attributes:
        seconds: wall time of loading the modules, and again of each evaluation.
        memory: address space of the engine's process, in bytes.
    """

    seconds: float = 60.0
    memory: int = 8 * GIBIBYTE


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the engine answered.

    Attributes:
        values: for each query its value, None when undefined (a set is a list).
        prints: lines that modules printed, ``file:line: text`` where the engine tells the place, in order. Not masked.
    """

    values: dict[str, Any]
    prints: tuple[str, ...] = ()


class PolicySession(Protocol):
    """An engine with one bundle loaded."""

    def evaluate(self, document: Sequence[bytes], queries: Sequence[str], data: dict[str, Any]) -> Evaluation:
        """Judge one input document.

        Args:
            document: the JSON text of ``input`` in pieces that are never joined here.
            queries: references such as ``data.main.deny``.
            data: documents added under ``data`` for this evaluation alone, such as ``{"conftest": {...}}``.

        Raises:
            BrokenCheck: an error, a crash, a limit; ``problems`` name file, line and column where they are known.
                Their texts may quote a value of the document: not masked.
        """
        ...


class PolicyEngine(Protocol):
    """Starts sessions."""

    def describe(self) -> Engine:
        """Name and version.

        Raises:
            BrokenCheck: the engine is not to be had on this machine; the hint says what to do.
        """
        ...

    def session(self, bundle: Bundle, limits: Limits) -> AbstractContextManager[PolicySession]:
        """Load the bundle's modules and data.

        Raises:
            BrokenCheck: a module does not compile, or loading passes the limits; an engine that loads while the
                caller works on raises it from the first `evaluate`, or where the session ends.
        """
        ...
