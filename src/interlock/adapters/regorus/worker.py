"""The process in which policies run: a bare interpreter that knows regorus and nothing of Interlock.

Rules: it imports only what every start of Python has loaded already, because each import is paid on every judgement;
it answers on a copy of file 1, and file 1 itself becomes file 2, so that nothing a library prints is taken for an
answer; it ends when its parent does, also in the middle of an evaluation (on macOS: at the time limit, on Windows:
when the evaluation does); no text of a panic leaves it: those quote values, cut where masking would not know them.

Messages, both ways: one byte of kind, the number of texts (4 bytes), their lengths (8 bytes each), the texts, UTF-8.
    to it    L(oad):     engine data as JSON, then for each module its file name, "0" or "1" (Rego v0), its source
             E(valuate): the input as JSON, the data of this evaluation as JSON, the query
    from it  L(oaded):   without a text
             V(alue):    the value of the query as regorus writes it, then each line that a policy printed
             F(ault):    "module", "data", "input" or "query", then what regorus says, then the lines printed
             C(rash):    "memory", "panic", or "absent" when regorus cannot be imported
             A(t):       the number that the query passed to `interlock.at`: how far it has come
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_POSIX = sys.platform != "win32"
if sys.platform != "win32":
    import fcntl
    import resource
_SIGNALS = _POSIX and hasattr(fcntl, "F_SETSIG")
if _POSIX and not _SIGNALS:
    import signal

_MAXIMUM = {"max_col": 1 << 20, "max_file_bytes": 1 << 26, "max_lines": 1 << 22}
_KILL = 9
_LIFELINE = 3


class Fault(Exception):
    """Something that regorus refused.

    Args:
        stage: what it was given: "module", "data", "input" or "query".
        text: its words.
    """

    def __init__(self, stage: str, text: str) -> None:
        super().__init__(stage, text)
        self.stage = stage
        self.text = text


def receive(stream: io.FileIO) -> tuple[bytes, list[bytearray]]:
    """The next message: its kind and texts; the kind is empty at the end of the stream."""
    kind = stream.read(1)
    if not kind:
        return b"", []
    count = int.from_bytes(_exactly(stream, 4), "big")
    sizes = _exactly(stream, 8 * count)
    return kind, [_exactly(stream, int.from_bytes(sizes[8 * i : 8 * i + 8], "big")) for i in range(count)]


def _exactly(stream: io.FileIO, size: int) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        count = stream.readinto(view)
        if not count:
            os._exit(0)
        view = view[count:]
    return buffer


def answer(file: int, kind: bytes, texts: list[str]) -> None:
    """Write one message."""
    parts = [text.encode("utf-8", "backslashreplace") for text in texts]
    head = kind + len(parts).to_bytes(4, "big") + b"".join(len(part).to_bytes(8, "big") for part in parts)
    for part in (head, *parts):
        view = memoryview(part)
        while view:
            view = view[os.write(file, view) :]


def restrain(memory: int) -> None:
    """Hold this process to ``memory`` bytes of address space and keep it from writing a core file."""
    if sys.platform == "win32":
        return
    for kind, size in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        limit = size if hard == resource.RLIM_INFINITY else min(size, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):  # macOS takes no limit below what is used already
            continue


def follow(parent: int) -> None:
    """Let the kernel kill this process when its parent goes: file 3 is a pipe that only ever closes.

    Data on a pipe raise the same signal as its end, also after they are read; so it is none that data go through.
    """
    if _SIGNALS:
        fcntl.fcntl(_LIFELINE, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(_LIFELINE, fcntl.F_SETSIG, _KILL)
        fcntl.fcntl(_LIFELINE, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC)
    if _POSIX and os.getppid() != parent:  # it went before the kernel was asked to tell
        os._exit(0)


def alarm(seconds: int) -> None:
    """Where the kernel does not tell of the parent's end: end this process after so many seconds; 0 is never."""
    if _POSIX and not _SIGNALS:
        signal.alarm(seconds)


def load(module: Any, texts: list[bytearray], file: int) -> Any:
    """An engine with data and modules."""
    engine = module.Engine()
    engine.set_gather_prints(True)
    engine.set_policy_length_config(**_MAXIMUM)

    def at(number: int) -> bool:
        answer(file, b"A", [str(number)])
        return True

    engine.add_extension("interlock.at", 1, at)
    _try("data", engine.add_data_json, texts[0])
    for index in range(1, len(texts), 3):
        engine.set_rego_v0(texts[index + 1] == b"1")
        _try("module", engine.add_policy, texts[index], texts[index + 2])
    return engine


def evaluate(engine: Any, texts: list[bytearray]) -> str:
    """The value of the query, as JSON. Takes each text out of ``texts``, so that its bytes are freed early."""
    query = texts.pop()
    _try("data", engine.add_data_json, texts.pop())
    _try("input", engine.set_input_json, texts.pop())
    found: str = _try("query", engine.eval_query_as_json, query)
    return found


def _try(stage: str, call: Callable[..., Any], *texts: bytearray) -> Any:
    try:
        return call(*(str(text, "utf-8") for text in texts))
    except UnicodeDecodeError:
        raise Fault(stage, "not UTF-8") from None
    except RuntimeError as error:
        raise Fault(stage, str(error)) from None


def serve(module: Any, stream: io.FileIO, file: int, seconds: int) -> None:
    """Answer messages until the input ends."""
    base: Any = None
    engine: Any = None
    while True:
        kind, texts = receive(stream)
        if not kind:
            return
        alarm(seconds)
        reply, answers = b"L", []
        try:
            if kind == b"L":
                base = load(module, texts, file)
            else:
                engine = base.clone()
                reply, answers = b"V", [evaluate(engine, texts)]
        except Fault as fault:
            reply, answers = b"F", [fault.stage, fault.text]
        except MemoryError:
            reply, answers = b"C", ["memory"]
        except BaseException:  # noqa: BLE001 - a panic of Rust is no Exception
            reply, answers = b"C", ["panic"]
        if engine is not None and reply in b"VF":
            answers += engine.take_prints()
        alarm(0)
        answer(file, reply, answers)


def main() -> None:
    """Run until the input ends. Arguments: the parent's process id, seconds, bytes of memory."""
    parent, seconds, memory = sys.argv[-3:]
    file = os.dup(1)
    os.dup2(2, 1)
    restrain(int(memory))
    follow(int(parent))
    try:
        import regorus  # noqa: PLC0415 - the limits hold for it already
    except ImportError:
        answer(file, b"C", ["absent"])
        os._exit(0)
    serve(regorus, io.FileIO(0), file, int(float(seconds)) + 2)
    os._exit(0)
