"""The worker by itself: what the linter keeps from it in a session, and ends that only a machine brings about."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.adapters.regorus import process
from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.adapters.regorus.process import End, Ended, Worker
from interlock.iac.policy.model import Bundle, Module
from interlock.iac.policy.ports import Limits
from interlock.kernel.errors import BrokenCheck

MEMORY = 2 << 30


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(20.0, MEMORY)
    yield worker
    worker.close()


def load(worker: Worker, rego: str) -> tuple[bytes, list[bytes]]:
    with worker.within(20):
        worker.send(b"L", [[b"{}"], [b"main.rego"], [b"0"], [f"package main\n{rego}".encode()]])
        return worker.receive()


def ask(worker: Worker, query: str, document: bytes = b"{}") -> tuple[bytes, list[bytes]]:
    with worker.within(20):
        worker.send(b"E", [[document], [b"{}"], [query.encode()]])
        return worker.receive()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_value_and_what_was_printed(worker: Worker) -> None:
    assert load(worker, 'p := 1 if print("said")') == (b"L", [])
    kind, texts = ask(worker, "data.main.p")
    assert kind == b"V"
    assert b'"value": 1' in texts[0]
    assert texts[1:] == [b"main.rego:2: said"]


def test_endless_recursion_is_a_crash_of_the_worker_alone(worker: Worker) -> None:
    load(worker, "f(x) := f(x + 1)\np := f(1)")
    with pytest.raises(Ended) as caught:
        ask(worker, "[x | interlock.at(7); x := data.main.p]")
    assert (caught.value.end, caught.value.at) == (End.CRASH, 7)
    assert caught.value.detail.startswith("signal ")
    assert gone(worker.pid)


def test_a_panic_is_a_crash_and_none_of_its_words_pass_on(worker: Worker) -> None:
    load(worker, "p := strings.count(input.secret, input.empty)")
    with pytest.raises(Ended) as caught:
        ask(worker, "data.main.p", b'{"secret": "planted", "empty": ""}')
    assert caught.value.end is End.CRASH
    assert "planted" not in str(vars(caught.value))
    assert gone(worker.pid)


def test_an_answer_that_is_too_large_is_not_taken(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ANSWER_LIMIT", 1000)
    load(worker, "p := [x | some x in input.items]")
    with pytest.raises(Ended) as caught:
        ask(worker, "data.main.p", b'{"items": ["%s"]}' % (b"x" * 2000))
    assert caught.value.end is End.FLOOD
    assert gone(worker.pid)


def test_what_policies_print_is_never_taken_for_an_answer(worker: Worker) -> None:
    load(worker, 'p := 1 if print("V\\u0000\\u0000\\u0000\\u0001")')
    kind, texts = ask(worker, "data.main.p")
    assert (kind, len(texts)) == (b"V", 2)


def test_a_fault_leaves_the_worker_usable(worker: Worker) -> None:
    load(worker, "p := to_number(input.a)")
    assert ask(worker, "data.main.p", b'{"a": "z"}')[0] == b"F"
    assert ask(worker, "data.main.p", b'{"a": "1"}')[0] == b"V"


def test_modules_of_rego_v0_load_as_such(worker: Worker) -> None:
    with worker.within(20):
        worker.send(b"L", [[b"{}"], [b"main.rego"], [b"1"], [b"package main\np[x] { x := input.a[_] }"]])
        assert worker.receive() == (b"L", [])
    assert b'"value": [' in ask(worker, "data.main.p", b'{"a": [1]}')[1][0]


def test_a_closed_worker_answers_nothing_and_is_gone(worker: Worker) -> None:
    assert worker.alive
    worker.close()
    assert not worker.alive
    assert gone(worker.pid)
    assert worker.close() == (b"", 0)


def test_no_file_stays_open(worker: Worker) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        other = Worker(20.0, MEMORY)
        load(other, "p := 1")
        other.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert worker.alive


def test_it_works_where_the_standard_files_are_closed() -> None:
    code = (
        "import os, sys\nos.closerange(0, 2)\n"
        "from interlock.adapters.regorus.engine import EmbeddedEngine\n"
        "from interlock.iac.policy.model import Bundle, Module\n"
        "from interlock.iac.policy.ports import Limits\n"
        "policies = Bundle('', (Module('a.rego', 'package main\\ndeny contains 1'),), (), {}, None, {}, ('main',))\n"
        "with EmbeddedEngine().session(policies, Limits()) as session:\n"
        "    found = session.evaluate([b'{}'], ['data.main.deny'], {})\n"
        "os.write(2, repr(found.values).encode())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b"{'data.main.deny': [1]}"


def test_its_environment_holds_nothing_of_ours(worker: Worker) -> None:
    load(worker, "p := 1")
    text = Path(f"/proc/{worker.pid}/environ").read_bytes()
    names = {entry.partition(b"=")[0] for entry in text.split(b"\0") if entry}
    assert names <= {b"LD_LIBRARY_PATH", b"LC_CTYPE"}


def test_it_is_held_to_its_memory_and_writes_no_core_file(worker: Worker) -> None:
    load(worker, "p := 1")
    lines = Path(f"/proc/{worker.pid}/limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[0] for line in lines}
    assert limits["Max address space"] == str(MEMORY)
    assert limits["Max core file size"] == "0"


def test_a_machine_without_a_build_is_told_of_the_other_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    policies = Bundle("", (Module("a.rego", "package main\ndeny contains 1"),), (), {}, None, {}, ("main",))
    with pytest.raises(BrokenCheck, match="no build for this machine") as caught:
        EmbeddedEngine().describe()
    assert "--engine opa" in caught.value.hint
    with pytest.raises(BrokenCheck, match="no build for this machine"):
        EmbeddedEngine().session(policies, Limits()).__enter__()


def test_a_build_that_does_not_load_is_told_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("site") / "regorus"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('a newer C library is needed')\n")
    monkeypatch.setattr(sys, "path", [str(folder.parent)])
    policies = Bundle("", (Module("a.rego", "package main\ndeny contains 1"),), (), {}, None, {}, ("main",))
    with (
        pytest.raises(BrokenCheck, match="no build for this machine"),
        EmbeddedEngine().session(policies, Limits()) as session,
    ):
        session.evaluate([b"{}"], ["data.main.deny"], {})
