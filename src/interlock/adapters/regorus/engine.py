"""`PolicyEngine` over regorus in a worker process.

Rules: what the linter calls fatal never reaches the worker; the worker starts before the modules are rewritten and
loads them while the caller reads its plan, so a fault of loading is raised by the first `evaluate`, or where the
session ends; all queries go as one, because regorus keeps the values of helper rules within one query only; a worker
that ended is replaced for the next evaluation; the text of a fault may quote a value of the plan, so it is masked by
whoever shows it.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec

from interlock.adapters.regorus.faults import Places, broken, refused
from interlock.adapters.regorus.process import Ended, Worker, site
from interlock.iac.policy import lint, rewrite
from interlock.iac.policy.model import Bundle, Engine
from interlock.iac.policy.ports import Evaluation, Limits
from interlock.kernel.errors import BrokenCheck, Invalid

_REFERENCE = re.compile(r'(?:data|input)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:"(?:[^"\\\n]|\\.)*"|[0-9]+)\])*\Z')
_DISTRIBUTION = "gordon_to_regorus-"
_json = msgspec.json.Decoder(float_hook=Decimal)


class EmbeddedEngine:
    """The engine that ships with Interlock."""

    def describe(self) -> Engine:
        """Name and version; the version stands in the name of the package's folder of metadata.

        Raises:
            BrokenCheck: there is no build for this machine.
        """
        # importlib.metadata finds the same, for the price of the worker's start.
        with os.scandir(site()) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(_DISTRIBUTION)]
        version = names[0].removeprefix(_DISTRIBUTION).removesuffix(".dist-info") if names else "unknown"
        return Engine("embedded", version)

    @contextmanager
    def session(self, bundle: Bundle, limits: Limits) -> Iterator["EmbeddedSession"]:
        """A worker that loads the bundle; it is gone when the block ends.

        Raises:
            BrokenCheck: the linter refuses a module, at once; a module does not compile or loading passes the limits,
                at the first `evaluate` or where the block ends.
        """
        session = EmbeddedSession(bundle, limits)
        try:
            session.load()
            yield session
            session.settle()
        finally:
            session.close()


class EmbeddedSession:
    """`PolicySession`: one worker at a time, started anew when it ended."""

    def __init__(self, bundle: Bundle, limits: Limits) -> None:
        self._limits = limits
        self._bundle = bundle
        self._worker = Worker(limits.seconds, limits.memory)
        self._settled = False
        self._texts: list[list[bytes]] = []
        self._places = Places(bundle, ())

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._worker.pid

    def load(self) -> None:
        """Give the worker the modules, without waiting for it."""
        lint.refuse(self._bundle)
        modules = rewrite.for_embedded(self._bundle)
        self._places = Places(self._bundle, modules)
        self._texts = [[msgspec.json.encode(self._bundle.data)]]
        for module in modules:
            self._texts += [[module.file.encode()], [b"1" if module.v0 else b"0"], [module.source.encode()]]
        self._send_modules()

    def _send_modules(self) -> None:
        self._settled = False
        try:
            with self._worker.within(self._limits.seconds):
                self._worker.send(b"L", self._texts)
        except Ended as ended:
            raise broken(ended, self._limits, self._places) from None

    def settle(self) -> None:
        """Wait until the modules are loaded. A worker that is gone has said why already.

        Raises:
            BrokenCheck: they cannot be.
        """
        if self._settled or not self._worker.alive:
            return
        try:
            with self._worker.within(self._limits.seconds):
                kind, texts = self._worker.receive()
        except Ended as ended:
            raise broken(ended, self._limits, self._places) from None
        if kind == b"F":
            self.close()
            raise refused(texts[0].decode(), texts[1].decode(), self._places)
        self._settled = True

    def evaluate(self, document: Sequence[bytes], queries: Sequence[str], data: dict[str, Any]) -> Evaluation:
        """Judge one input document; see `PolicySession`."""
        for query in queries:
            if not _REFERENCE.match(query):
                raise Invalid(f"{query} is no reference", hint="ask for a document such as data.main.deny")
        if not self._worker.alive:
            self._worker.close()
            self._worker = Worker(self._limits.seconds, self._limits.memory)
            self._send_modules()
        self.settle()
        kind, texts = self._ask(document, queries, data)
        if kind == b"F":
            raise refused(texts[0].decode(), texts[1].decode(), self._places)
        answers = _value(texts[0])
        values = {query: found[0] if found else None for query, found in zip(queries, answers, strict=True)}
        return Evaluation(values, tuple(line.decode() for line in texts[1:]))

    def _ask(
        self, document: Sequence[bytes], queries: Sequence[str], data: dict[str, Any]
    ) -> tuple[bytes, list[bytes]]:
        # A comprehension makes an undefined document an empty list, and holds the place of each that is defined.
        items = (f"[x | interlock.at({index}); x := {query}]" for index, query in enumerate(queries))
        query = "[\n" + ",\n".join(items) + "\n]"
        done = False
        try:
            with self._worker.within(self._limits.seconds):
                self._worker.send(b"E", [document, [msgspec.json.encode(data)], [query.encode()]])
                answer = self._worker.receive()
            done = True
        except Ended as ended:
            raise broken(ended, self._limits, self._places, queries) from None
        finally:
            if not done:  # whatever comes from it now belongs to no question
                self._worker.close()
        return answer

    def close(self) -> None:
        """End the worker."""
        self._worker.close()


def _value(answer: bytes) -> list[Any]:
    try:
        found: list[Any] = _json.decode(answer)["result"][0]["expressions"][0]["value"]
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError):
        raise BrokenCheck(
            "the answer of the embedded engine cannot be read",
            why="what cannot be read is never passed",
            hint="look for a rule that returns deeply nested values",
        ) from None
    return found
