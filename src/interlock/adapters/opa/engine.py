"""`PolicyEngine` over the `opa` program: one `opa eval` per judgement.

Rules: the input reaches it through a pipe and stands in no file; modules and data lie in a folder of our own while the
session lasts; it gets an environment of our own, and no builtin that reaches beyond policies and input; errors of
builtins are errors; a process that passes its limits is killed with its group, and it ends with its parent; what it
says about a module is said of the file as given. It prints without a place.
"""

import codecs
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from interlock.adapters.opa.process import Outcome, run
from interlock.iac.policy.bundle import original_line
from interlock.iac.policy.model import Bundle, Engine
from interlock.iac.policy.ports import Evaluation, Limits
from interlock.kernel.errors import BrokenCheck, Invalid, Problem

SETTING = "INTERLOCK_IAC__OPA"
"""Names the program; without it, it is the `opa` on the search path."""
_OUTSIDE = frozenset({"http.send", "net.lookup_ip_addr", "opa.runtime"})
_REFERENCE = re.compile(r'(?:data|input)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:"(?:[^"\\\n]|\\.)*"|[0-9]+)\])*\Z')
_json = msgspec.json.Decoder(float_hook=Decimal)
_NEVER = "a policy that cannot be judged is never passed"


class OpaEngine:
    """The reference engine.

    Args:
        program: its path; None looks for it.
    """

    def __init__(self, program: Path | None = None) -> None:
        self._program = program

    def describe(self) -> Engine:
        """Name and version.

        Raises:
            BrokenCheck: there is no `opa`, or it does not say its version.
        """
        outcome = self._run(["version"], Limits(seconds=10.0))
        match = re.search(rb"^Version: ([0-9][^\s]*)", outcome.output, re.MULTILINE)
        if match is None:
            raise BrokenCheck(
                f"{self._found()} does not say its version",
                why="a judgement names the engine that made it",
                hint=f"name an opa program by {SETTING}",
            )
        return Engine("opa", match[1].decode())

    @contextmanager
    def session(self, bundle: Bundle, limits: Limits) -> Iterator["OpaSession"]:
        """A folder with the bundle; it is gone when the block ends.

        Raises:
            BrokenCheck: there is no `opa`, at once; a module does not compile, at the first `evaluate` or where the
                block ends.
        """
        program = self._found()
        capabilities = self._capabilities(limits)
        with _folder() as folder:
            session = OpaSession(program, folder, bundle, limits, capabilities)
            yield session
            session.settle()

    def _found(self) -> str:
        named = str(self._program or os.environ.get(SETTING, ""))
        found = shutil.which(named or "opa")
        if found is None:
            raise BrokenCheck(
                f"there is no program {named or 'opa'}",
                why="--engine opa judges with the opa program",
                hint=f"install Open Policy Agent, or name it by {SETTING}, or leave --engine opa out",
            )
        return found

    def _run(self, words: list[str], limits: Limits) -> Outcome:
        return run([self._found(), *words], (), limits)

    def _capabilities(self, limits: Limits) -> bytes:
        outcome = self._run(["capabilities", "--current"], limits)
        try:
            found = msgspec.json.decode(outcome.output)
            found["builtins"] = [item for item in found["builtins"] if item["name"] not in _OUTSIDE]
        except (msgspec.DecodeError, LookupError, TypeError):
            raise BrokenCheck(
                f"{self._found()} does not say what it can do",
                why="policies must be kept from the network and from the environment",
                hint="take OPA 1.0 or later",
            ) from None
        found["allow_net"] = []
        return msgspec.json.encode(found)


class OpaSession:
    """`PolicySession`: the files of one bundle, and a process per evaluation."""

    def __init__(self, program: str, folder: Path, bundle: Bundle, limits: Limits, capabilities: bytes) -> None:
        self._limits = limits
        self._folder = folder
        self._modules = {f"{index}.rego": module for index, module in enumerate(bundle.modules)}
        self._rules = {rule.query: rule for rule in bundle.rules}
        self._settled = False
        for name, module in self._modules.items():
            (folder / name).write_bytes(module.source.encode())
        (folder / "data.json").write_bytes(msgspec.json.encode(bundle.data))
        (folder / "capabilities").write_bytes(capabilities)
        self._words = [program, "eval", "--format", "json", "--strict-builtin-errors", "--capabilities", "capabilities"]
        old = {module.v0 for module in bundle.modules}
        if len(old) > 1:
            raise BrokenCheck(
                "the policies are of Rego v0 and v1",
                why="opa takes all as one or the other",
                hint="opa fmt --v0-v1 --write FILE converts one",
            )
        self._words += ["--v0-compatible"] * (True in old)
        for name in (*self._modules, "data.json"):
            self._words += ["--data", name]

    def settle(self) -> None:
        """Compile the modules, if nothing was evaluated.

        Raises:
            BrokenCheck: they do not compile.
        """
        if not self._settled:
            self._answer([*self._words, "true"], ())

    def evaluate(self, document: Sequence[bytes], queries: Sequence[str], data: dict[str, Any]) -> Evaluation:
        """Judge one input document; see `PolicySession`."""
        for query in queries:
            if not _REFERENCE.match(query):
                raise Invalid(f"{query} is no reference", hint="ask for a document such as data.main.deny")
        words = [*self._words, "--stdin-input"]
        if data:
            (self._folder / "more.json").write_bytes(msgspec.json.encode(data))
            words += ["--data", "more.json"]
        _check_text(document)
        # A comprehension makes an undefined document an empty list, and holds the place of each that is defined.
        items = ",\n".join(f"[x | x := {query}]" for query in queries)
        found, prints = self._answer([*words, f"[\n{items}\n]"], document)
        values = {query: item[0] if item else None for query, item in zip(queries, found, strict=True)}
        return Evaluation(values, prints)

    def _answer(self, words: list[str], document: Sequence[bytes]) -> tuple[Any, tuple[str, ...]]:
        outcome = run(words, document, self._limits, self._folder)
        self._settled = True
        try:
            answer = _json.decode(outcome.output) if outcome.output.strip() else {}
            if outcome.code == 0 and "errors" not in answer:
                value = answer["result"][0]["expressions"][0]["value"]
                return value, tuple(outcome.said.decode("utf-8", "replace").splitlines())
        except (msgspec.DecodeError, RecursionError, LookupError, TypeError):
            raise BrokenCheck(
                "the answer of opa cannot be read", why=_NEVER, hint="look for a rule that returns deeply nested values"
            ) from None
        raise self._fault(answer.get("errors", ()), outcome)

    def _fault(self, errors: Sequence[dict[str, Any]], outcome: Outcome) -> BrokenCheck:
        problems = [self._problem(error) for error in errors]
        said = outcome.said.decode("utf-8", "replace").strip()
        if not problems and "unable to parse input" in said:
            return BrokenCheck("opa cannot read the plan", why=_NEVER, hint="check that the plan is complete")
        if not problems:
            detail = said.rpartition("\n")[2] or f"exit {outcome.code}"
            return BrokenCheck("opa failed", why=_NEVER, hint="correct it", problems=[Problem(detail)])
        compiles = all(str(error.get("code", "")).startswith("rego_") for error in errors)
        what = "a policy does not compile" if compiles else "a policy ended in an error"
        return BrokenCheck(what, why=_NEVER, hint="correct it", problems=problems)

    def _problem(self, error: dict[str, Any]) -> Problem:
        place = error.get("location") or {}
        message = str(error.get("message", "")).partition("\n")[0]
        module = self._modules.get(Path(str(place.get("file", ""))).name)
        if module is None:
            return Problem(message)
        line, column = int(place.get("row", 0)), int(place.get("col", 0))
        return Problem(message, module.file, original_line(module.source, line), column)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that nobody else may read, for as long as the block lasts."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="interlock-"))
    except OSError as error:
        raise BrokenCheck(
            f"there is no folder for temporary files: {error.strerror}",
            why="opa reads policies from files",
            hint="name a folder that can be written by TMPDIR",
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_text(document: Sequence[bytes]) -> None:
    """Refuse what opa would take for something: another character for what is no UTF-8, and no input for no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        empty = True
        for piece in document:
            empty = not decoder.decode(piece).strip() and empty
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BrokenCheck("opa cannot read the plan", why="it is not UTF-8", hint="check that it is complete") from None
    if empty:
        raise BrokenCheck("opa cannot read the plan", why="it is empty", hint="check that it is complete")
