"""``policy eval``: asks an engine for documents over one input, and masks what it answers.

Rules: an input that is no plan, such as one of a test, is masked like one, by the marks of whatever sections of a plan
it has and by names such as ``password`` anywhere in it; a copy of a rule that only exists to trace results is not
shown; without a query all rules of the set are asked.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from interlock.iac.plans.secrets import guessed_marks, redactor, secret_name
from interlock.iac.plans.terraform import SIZE_LIMIT, PlanFile, open_plan
from interlock.iac.policy import service
from interlock.iac.policy.bundle import COPY
from interlock.iac.policy.model import Bundle
from interlock.iac.policy.ports import Limits, PolicyEngine
from interlock.kernel.errors import BrokenCheck, Invalid, Malformed
from interlock.platform.redact import Redactor

_VERSION = b'{"format_version":"1.2"'


@dataclass(frozen=True, slots=True)
class Values:
    """The value of each query, None where it is undefined, and printed lines; masked."""

    values: dict[str, Any]
    prints: tuple[str, ...] = ()


class Input:
    """One input document and all that is secret in it."""

    def __init__(self, path: str) -> None:
        content = _read(path)
        self.name = "standard input" if path == "-" else path
        self._redactors: list[Redactor] = []
        try:
            file = open_plan("-", stdin=lambda: content)
        except Malformed as error:
            file = self._no_plan(content, error)
        else:
            self.pieces = service.pieces(file, None)
        try:
            self._redactors.append(redactor(file))
        except RecursionError:
            raise Malformed(f"{self.name} is nested too deeply") from None

    def _no_plan(self, content: bytes, error: Malformed) -> PlanFile:
        """Take a JSON object without a version for a plan of one, so that its marks are found.

        Raises:
            Malformed: it is no JSON object either.
        """
        try:
            value = msgspec.json.decode(content, type=dict[str, Any])
            rest = content.strip()[1:].lstrip()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            hint = error.hint.partition(":")[0] and "give a plan, or a JSON object"
            raise Malformed(error.message.replace("-", self.name, 1), why=error.why, hint=hint) from None
        if "format_version" in value:
            raise error
        self.pieces = [content]
        self._redactors.append(Redactor(_named(value)))
        return PlanFile(self.name, _VERSION + (b"" if rest.startswith(b"}") else b",") + rest)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for known in self._redactors:
            text = known.text(text)
        return text

    def tree(self, value: Any) -> Any:
        """The JSON value without secrets."""
        for known in self._redactors:
            value = known.tree(value)
        return value


def _read(path: str) -> bytes:
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read", why=(error.strerror or "unreadable").lower()) from None
    if len(content) > SIZE_LIMIT:
        raise Invalid(f"{path} is larger than {SIZE_LIMIT >> 20} MiB")
    return content


def _named(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Every text below a name that tells of a secret, and every private key."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, secret=secret or secret_name(key))
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, secret=secret)
    elif isinstance(value, str) and (secret or guessed_marks(value)):
        yield value


def evaluate(engine: PolicyEngine, bundle: Bundle, path: str, queries: Sequence[str], limits: Limits) -> Values:
    """Ask for documents such as ``data.main.deny``.

    Raises:
        Invalid: the input cannot be read, or a query is no reference.
        BrokenCheck: the engine cannot answer; masked.
    """
    with engine.session(bundle, limits) as session:
        document = Input(path)
        asked = list(queries) or sorted({f"data.{rule.namespace}.{rule.name}" for rule in bundle.rules})
        try:
            answer = session.evaluate(document.pieces, asked, service.place(document.name))
        except BrokenCheck as error:
            raise service.clean(error, document.text) from None
    values = {query: document.tree(_shown(value)) for query, value in answer.values.items()}
    return Values(values, tuple(map(document.text, answer.prints)))


def _shown(value: Any) -> Any:
    """A document without the copies of rules."""
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items() if not key.startswith(COPY)}
    return value
