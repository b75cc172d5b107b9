"""Runs a program to its end, within limits.

Rules: it gets a group, an environment and limits of its own; it is killed when it passes them, when it says too much,
or when we go; what it is given is written in pieces and never joined; no core file is left.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from interlock.iac.policy.ports import Limits
from interlock.kernel.errors import BrokenCheck

ANSWER_LIMIT = 256 << 20
"""Bytes that it may answer, and again say on the error stream."""
_ENVIRONMENT = ("SYSTEMROOT",)
_PART = 1 << 20
_PDEATHSIG, _KILL = 1, 9


@dataclass(frozen=True, slots=True)
class Outcome:
    """What it wrote and how it ended."""

    output: bytes
    said: bytes
    code: int


class _Flood(Exception):
    """It says more than it may."""


def run(words: list[str], document: Sequence[bytes], limits: Limits, folder: Path | None = None) -> Outcome:
    """Run a program and give it a document.

    Args:
        words: the program and its arguments; none may be secret.
        document: what its input is, in pieces.
        limits: seconds of wall time, bytes of memory.
        folder: where it works.

    Raises:
        BrokenCheck: it does not start, crashes, or passes a limit.
    """
    expired = threading.Event()
    with _start(words, limits, folder) as child:

        def expire() -> None:
            expired.set()
            _kill(child)

        timer = threading.Timer(limits.seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            outcome = _converse(child, document)
        except _Flood:
            raise BrokenCheck(
                "the policies answered more than 256 MiB",
                why="an answer of this size cannot be shown",
                hint="look for a rule that returns the plan itself",
            ) from None
        finally:
            timer.cancel()
            _kill(child)
    if expired.is_set():
        raise BrokenCheck(
            f"judging took longer than {limits.seconds:g} s",
            why="opa was stopped at its time limit",
            hint="look for a rule that tries every combination",
        )
    _check_end(outcome, limits)
    return outcome


def _start(words: list[str], limits: Limits, folder: Path | None) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= {"GOMEMLIMIT": str(limits.memory * 9 // 10), "GOTRACEBACK": "none"}
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603 - the program that the user named
            words,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=folder,
            env=environment,
            preexec_fn=_restraint(limits.memory),  # noqa: PLW1509 - the command line has no other thread here
            start_new_session=True,
        )
    except OSError as error:
        raise BrokenCheck(
            f"{words[0]} does not start: {error.strerror}",
            why="--engine opa judges with the opa program",
            hint="name a program that runs by INTERLOCK_IAC__OPA",
        ) from None


def _restraint(memory: int) -> Callable[[], None] | None:
    """What the child does before it becomes the program. All that it needs is imported here, before it is forked."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    limits = [(resource.RLIMIT_CORE, 0)]
    prctl = None
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - the kernel's word for it has no other name in Python

        prctl = ctypes.CDLL(None, use_errno=True).prctl
        limits.append((resource.RLIMIT_AS, memory))
    parent = os.getpid()

    def restrain() -> None:
        if prctl is not None:
            prctl(_PDEATHSIG, _KILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)
        for kind, size in limits:
            hard = resource.getrlimit(kind)[1]
            limit = size if hard == resource.RLIM_INFINITY else min(size, hard)
            resource.setrlimit(kind, (limit, limit))

    return restrain


def _converse(child: subprocess.Popen[bytes], document: Sequence[bytes]) -> Outcome:
    said = bytearray()
    output = bytearray()
    listener = threading.Thread(target=_listen, args=(child, child.stderr, said), daemon=True)
    listener.start()
    _feed(child.stdin, document)
    _listen(child, child.stdout, output)
    listener.join()
    if max(len(output), len(said)) > ANSWER_LIMIT:
        raise _Flood
    return Outcome(bytes(output), bytes(said), child.wait())


def _feed(stream: IO[bytes] | None, document: Sequence[bytes]) -> None:
    """Write the document; a program that ends before it has read all says why elsewhere."""
    if stream is None:
        return
    try:
        for piece in document:
            stream.write(piece)
        stream.close()
    except OSError:
        return


def _listen(child: subprocess.Popen[bytes], stream: IO[bytes] | None, into: bytearray) -> None:
    while stream is not None and (part := os.read(stream.fileno(), _PART)):
        into += part
        if len(into) > ANSWER_LIMIT:
            _kill(child)
            return


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.kill()
        return
    try:
        os.killpg(child.pid, _KILL)
    except OSError:  # it ended between the question and the kill
        return


def _check_end(outcome: Outcome, limits: Limits) -> None:
    if outcome.code == 0:  # then what stands there was printed by a policy
        return
    said = outcome.said
    if b"out of memory" in said or b"cannot allocate memory" in said or b"failed to reserve" in said:
        raise BrokenCheck(
            f"judging took more than {limits.memory / (1 << 30):.3g} GiB of memory",
            why="opa was stopped at its memory limit",
            hint="look for a rule that builds a large value",
        )
    if outcome.code < 0 or b"fatal error:" in said or b"panic:" in said:
        detail = f"signal {-outcome.code}" if outcome.code < 0 else f"exit {outcome.code}"
        raise BrokenCheck(
            f"opa crashed while judging ({detail})",
            why="a policy that cannot be judged is never passed",
            hint="leave --engine opa out to judge with the embedded engine",
        )
