"""Starts the worker, talks to it, ends it.

Rules: one worker at a time per object; its environment is an allow-list; whatever goes wrong ends it, and what it was
is read from the way it ended; nothing of it is left when `close` returns; no message is joined before it is sent. The
module `subprocess` is for Windows alone: its import costs as much as the worker's start.
"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from importlib.machinery import PathFinder
from pathlib import Path

from interlock.kernel.errors import BrokenCheck

ANSWER_LIMIT = 256 << 20
"""Bytes that one answer may have."""
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_BOOT = "import sys; sys.path += sys.argv[1:3]; import worker; worker.main()"
_PIPE = 1 << 20
_CHUNK = 256 << 10
_FREE = 4


class End(Enum):
    """Why a worker answers no more."""

    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"
    FLOOD = "flood"
    ABSENT = "absent"


_SAID = {b"memory": End.MEMORY, b"panic": End.CRASH, b"absent": End.ABSENT}


class Ended(Exception):
    """The worker is gone, for this reason; ``at`` is how far its query had come, -1 when not known."""

    def __init__(self, end: End, at: int = -1, detail: str = "") -> None:
        super().__init__(end)
        self.end = end
        self.at = at
        self.detail = detail


def absent() -> BrokenCheck:
    """What is said on a machine for which regorus is not built."""
    return BrokenCheck(
        "the embedded policy engine has no build for this machine",
        why="it is built for Linux with glibc 2.34 on x86_64 and aarch64, macOS on arm64, and Windows on x86_64",
        hint="--engine opa judges with the opa program instead",
    )


def site() -> Path:
    """The folder that holds the package regorus.

    Raises:
        BrokenCheck: it is not installed.
    """
    spec = PathFinder.find_spec("regorus")
    if spec is None or spec.origin is None:
        raise absent()
    return Path(spec.origin).parent.parent


class Worker:
    """A worker process, from its start to its end."""

    def __init__(self, seconds: float, memory: int) -> None:
        folder = str(Path(__file__).parent)
        words = [sys.executable, "-I", "-S", "-c", _BOOT, folder, str(site())]
        words += [str(os.getpid()), str(seconds), str(memory)]
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._expired = False
        self._lock = threading.Lock()
        if sys.platform == "win32":
            self._start_windows(words, environment)
        else:
            self._start(words, environment)

    if sys.platform == "win32":

        def _start_windows(self, words: list[str], environment: dict[str, str]) -> None:
            import subprocess  # noqa: PLC0415 - only here is it worth its price

            pipe = subprocess.PIPE
            flags = subprocess.CREATE_NO_WINDOW
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                words, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, creationflags=flags
            )
            self.pid = self._child.pid
            streams = (self._child.stdin, self._child.stdout, self._child.stderr)
            self._files = [os.dup(stream.fileno()) for stream in streams if stream is not None]
            for stream in streams:
                if stream is not None:
                    stream.close()

        def _kill(self) -> None:
            self._child.kill()

        def _reap(self) -> int:
            return self._child.wait()

    else:

        def _start(self, words: list[str], environment: dict[str, str]) -> None:
            pipes = [_pipe() for _ in range(4)]
            ours = [pipes[0][1], pipes[1][0], pipes[2][0], pipes[3][1]]
            theirs = [pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][0]]
            try:
                self.pid = os.posix_spawn(
                    words[0],
                    words,
                    environment,
                    file_actions=[(os.POSIX_SPAWN_DUP2, file, number) for number, file in enumerate(theirs)],
                    setpgroup=0,
                    setsigmask=(),
                )
            except OSError:
                for file in ours:
                    os.close(file)
                raise
            finally:
                for file in theirs:
                    os.close(file)
            self._files = ours

        def _kill(self) -> None:
            with suppress(OSError):  # it may have ended already
                os.killpg(self.pid, 9)

        def _reap(self) -> int:
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def alive(self) -> bool:
        """Whether it may still be asked."""
        return bool(self._files) and not self._expired

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Kill it when the block takes longer."""
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            if self._files:
                self._expired = True
                self._kill()

    def send(self, kind: bytes, texts: Sequence[Sequence[bytes]]) -> None:
        """Send a message; each text is given in pieces.

        Raises:
            Ended: it is gone.
        """
        sizes = b"".join(sum(map(len, text)).to_bytes(8, "big") for text in texts)
        buffer = bytearray(kind + len(texts).to_bytes(4, "big") + sizes)
        try:
            for text in texts:
                for piece in text:
                    if len(buffer) + len(piece) > _CHUNK:
                        _write(self._files[0], buffer)
                        buffer = bytearray()
                    if len(piece) > _CHUNK:
                        _write(self._files[0], piece)
                    else:
                        buffer += piece
            _write(self._files[0], buffer)
        except OSError:
            raise self.ended() from None

    def receive(self) -> tuple[bytes, list[bytes]]:
        """The next answer that is no report of progress.

        Raises:
            Ended: it is gone.
        """
        at = -1
        while True:
            head = self._exactly(5, at)
            count = int.from_bytes(head[1:], "big")
            if count > ANSWER_LIMIT // 8:
                raise self.ended(at, End.FLOOD)
            sizes = self._exactly(8 * count, at)
            lengths = [int.from_bytes(sizes[8 * i : 8 * i + 8], "big") for i in range(count)]
            if sum(lengths) > ANSWER_LIMIT:
                raise self.ended(at, End.FLOOD)
            texts = [self._exactly(length, at) for length in lengths]
            if head[:1] == b"C":
                raise self.ended(at, _SAID[texts[0]])
            if head[:1] != b"A":
                return head[:1], texts
            at = int(texts[0])

    def _exactly(self, size: int, at: int) -> bytes:
        parts = []
        while size:
            part = os.read(self._files[1], min(size, _PIPE))
            if not part:
                raise self.ended(at)
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def ended(self, at: int = -1, end: End | None = None) -> Ended:
        """End it and say why it had ended before, if it had."""
        words, code = self.close()
        if self._expired:
            return Ended(End.TIME, at)
        if end is not None:
            return Ended(end, at)
        if b"memory allocation" in words or b"MemoryError" in words:
            return Ended(End.MEMORY, at)
        return Ended(End.CRASH, at, f"signal {-code}" if code < 0 else f"exit {code}")

    def close(self) -> tuple[bytes, int]:
        """End it; what stands in its error stream, and its exit code (negative: the signal)."""
        with self._lock:
            if not self._files:
                return b"", 0
            files, self._files = self._files, []
            self._kill()
            code = self._reap()
            words = os.read(files[2], _PIPE)
            for file in files:
                os.close(file)
        return words, code


def _write(file: int, piece: bytes | bytearray) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(file, view) :]


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the files 0 to 3, which would be overwritten while the worker starts."""
    import fcntl  # noqa: PLC0415 - not on Windows

    ends = os.pipe()
    if min(ends) < _FREE:
        moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FREE) for end in ends)
        for end in ends:
            os.close(end)
        ends = (moved[0], moved[1])
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user has as much in pipes as allowed
            fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, _PIPE)
    return ends
