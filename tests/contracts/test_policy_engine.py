"""What every policy engine keeps, whichever it is."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest

from interlock.adapters.opa.engine import OpaEngine
from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.iac.policy.model import Bundle, Kind, Module, Rule
from interlock.iac.policy.ports import Evaluation, Limits, PolicyEngine
from interlock.kernel.errors import BrokenCheck

SMALL = Limits(seconds=20.0, memory=2 << 30)
PLANTED = "planted-value-of-a-plan"
LOOP = """deny contains "x" if {
	some i in numbers.range(1, 3000)
	some j in numbers.range(1, 3000)
	some k in numbers.range(1, 3000)
	i + j + k == input.never
}"""


@pytest.fixture(params=["embedded", pytest.param("opa", marks=pytest.mark.tool("opa"))])
def engine(request: pytest.FixtureRequest, tool: Callable[[str], Path]) -> PolicyEngine:
    return EmbeddedEngine() if request.param == "embedded" else OpaEngine(tool("opa"))


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary files go to the test's folder, and neither file nor process is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    assert not list(tmp_path.glob("interlock-*"))
    assert not children(os.getpid())


def children(pid: int) -> list[int]:
    """The processes that a process started, as far as they run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def busy(pid: int) -> bool:
    """Whether a process has worked for a quarter of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) > os.sysconf("SC_CLK_TCK") // 4


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


def bundle(*sources: str, rules: tuple[Rule, ...] = (), **data: object) -> Bundle:
    modules = tuple(Module(f"policy/{index}.rego", source) for index, source in enumerate(sources))
    return Bundle("sha256:0", modules, rules, {}, None, data, ("main",))


def judge(
    engine: PolicyEngine,
    rego: str,
    *queries: str,
    document: bytes = b"{}",
    limits: Limits = SMALL,
    data: dict[str, object] | None = None,
) -> Evaluation:
    with engine.session(bundle(f"package main\n\n{rego}\n"), limits) as session:
        return session.evaluate([document], queries or ("data.main.deny",), data or {})


def value(engine: PolicyEngine, rego: str, document: bytes = b"{}") -> object:
    return judge(engine, rego, document=document).values["data.main.deny"]


def test_it_says_its_name_and_version(engine: PolicyEngine) -> None:
    found = engine.describe()
    assert found.name in {"embedded", "opa"}
    assert found.version[0].isdigit()


def test_a_set_is_a_list_and_an_undefined_document_is_none(engine: PolicyEngine) -> None:
    rego = (
        "deny contains input.b[_]\nnever := 1 if input.c\nfalsy := false\nnothing := null\nempty contains 1 if input.c"
    )
    queries = [f"data.main.{name}" for name in ("deny", "never", "falsy", "nothing", "empty", "absent")]
    found = judge(engine, rego, *queries, 'data["main"]["falsy"]', document=b'{"b": ["y", "x", "y"]}')
    assert found.values == {
        "data.main.deny": ["x", "y"],
        "data.main.never": None,
        "data.main.falsy": False,
        "data.main.nothing": None,
        "data.main.empty": [],
        "data.main.absent": None,
        'data["main"]["falsy"]': False,
    }


def test_no_query_is_answered_by_nothing(engine: PolicyEngine) -> None:
    with engine.session(bundle("package main\n"), SMALL) as session:
        assert session.evaluate([b"{}"], [], {}).values == {}


@pytest.mark.parametrize("number", ["9007199254740993", "-1", "0.1", "1.5", "18446744073709551615"])
def test_numbers_keep_their_value(engine: PolicyEngine, number: str) -> None:
    found = value(engine, "deny := input.n", f'{{"n": {number}}}'.encode())
    assert isinstance(found, int | Decimal)
    assert found == Decimal(number)


def test_text_of_every_kind_comes_back(engine: PolicyEngine) -> None:
    text = 'ä\u2028\U0001f600\\u0000\\n\\"\u202e'
    assert value(engine, "deny := input.t", f'{{"t": "{text}"}}'.encode()) == 'ä\u2028\U0001f600\0\n"\u202e'


def test_the_input_comes_in_pieces(engine: PolicyEngine) -> None:
    pieces = [
        b'{"items": [',
        *(b'{"n": %d},' % n for n in range(5000)),
        memoryview(b'{"n": "' + b"x" * 900_000 + b'"}]}'),
    ]
    with engine.session(bundle("package main\n\ndeny := count(input.items)\n"), SMALL) as session:
        assert session.evaluate(pieces, ["data.main.deny"], {}).values == {"data.main.deny": 5001}  # type: ignore[arg-type]


def test_data_of_the_bundle_and_of_one_evaluation(engine: PolicyEngine) -> None:
    policies = bundle("package main\n\ndeny := [data.limits.n, data.conftest.file]\n", limits={"n": 3})
    with engine.session(policies, SMALL) as session:
        first = session.evaluate([b"{}"], ["data.main.deny"], {"conftest": {"file": "a"}})
        second = session.evaluate([b"{}"], ["data.main.deny"], {"conftest": {"file": "b"}})
        third = session.evaluate([b"{}"], ["data.main.deny"], {})
    assert [found.values["data.main.deny"] for found in (first, second, third)] == [[3, "a"], [3, "b"], None]


def test_each_evaluation_has_its_own_input(engine: PolicyEngine) -> None:
    with engine.session(bundle("package main\n\ndeny contains input.a\n"), SMALL) as session:
        found = [session.evaluate([text], ["data.main.deny"], {}).values for text in (b'{"a": 1}', b"{}", b'{"a": 2}')]
    assert found == [{"data.main.deny": [1]}, {"data.main.deny": []}, {"data.main.deny": [2]}]


def test_many_evaluations_do_not_disturb_each_other() -> None:
    with EmbeddedEngine().session(bundle("package main\n\ndeny contains input.a\n"), SMALL) as session:
        pid = session.pid
        for number in range(300):
            found = session.evaluate([b'{"a": %d}' % number], ["data.main.deny"], {})
            assert found.values == {"data.main.deny": [number]}
        assert session.pid == pid


def test_modules_see_each_other(engine: PolicyEngine) -> None:
    library = "package lib\n\nnames contains name if some name in input.names\n"
    main = "package main\n\nimport data.lib\n\ndeny contains name if some name in lib.names\n"
    with engine.session(bundle(main, library), SMALL) as session:
        assert session.evaluate([b'{"names": ["n"]}'], ["data.main.deny"], {}).values == {"data.main.deny": ["n"]}


def test_printed_lines_are_gathered(engine: PolicyEngine) -> None:
    rego = 'deny contains 1 if print("first", input.a)\n\ndeny contains 2 if print("panic: out of memory")'
    found = judge(engine, rego, document=b'{"a": 1}')
    assert found.values == {"data.main.deny": [1, 2]}
    assert sorted(
        line.removeprefix("policy/0.rego:3: ").removeprefix("policy/0.rego:5: ") for line in found.prints
    ) == [
        "first 1",
        "panic: out of memory",
    ]


@pytest.mark.parametrize(
    "rego",
    [
        "deny contains 1 if {",
        "deny contains x",
        "deny contains 1 if no_such_function(input)",
        'deny contains 1 if net.cidr_contains(input.a, "b")',
        'deny contains 1 if regex.match("(", input.a)',
        'deny contains json.unmarshal("{")',
        "deny := 1\n\ndeny := 2",
        "deny contains 1 if other\n\nother if deny",
    ],
)
def test_what_goes_wrong_is_broken_and_has_its_place(engine: PolicyEngine, rego: str) -> None:
    with pytest.raises(BrokenCheck) as caught:
        judge(engine, rego, "data.main.fine", "data.main.deny", document=b'{"a": "z"}')
    problem = caught.value.problems[0]
    assert problem.file == "policy/0.rego"
    assert 3 <= problem.line <= 5
    assert problem.message
    assert caught.value.why
    assert caught.value.hint


def test_a_module_that_does_not_compile_is_broken_also_when_nothing_is_asked(engine: PolicyEngine) -> None:
    with pytest.raises(BrokenCheck), engine.session(bundle("package main\n\ndeny contains 1 if {\n"), SMALL):
        pass


@pytest.mark.parametrize("text", [b'{"a":', b"", b'{"a": "\xff"}', b'{"a": 1}}'])
def test_an_input_that_is_no_json_is_broken(engine: PolicyEngine, text: bytes) -> None:
    with pytest.raises(BrokenCheck, match="cannot read the plan"):
        judge(engine, "deny contains 1", document=text)


def test_data_that_do_not_fit_together_are_broken(engine: PolicyEngine) -> None:
    policies = bundle("package main\n\ndeny contains 1\n", conftest={"file": "a"})
    with pytest.raises(BrokenCheck), engine.session(policies, SMALL) as session:
        session.evaluate([b"{}"], ["data.main.deny"], {"conftest": {"file": "b"}})


def test_a_looping_policy_is_stopped_and_the_next_evaluation_works(engine: PolicyEngine) -> None:
    policies = bundle(f"package main\n\n{LOOP}\n\nfine contains 1\n")
    with engine.session(policies, Limits(seconds=1.5, memory=2 << 30)) as session:
        started = time.monotonic()
        with pytest.raises(BrokenCheck, match=r"longer than 1\.5 s"):
            session.evaluate([b'{"never": -1}'], ["data.main.fine", "data.main.deny"], {})
        assert time.monotonic() - started < 5
        assert session.evaluate([b"{}"], ["data.main.fine"], {}).values == {"data.main.fine": [1]}


def test_an_allocating_policy_is_stopped_and_the_next_evaluation_works(engine: PolicyEngine) -> None:
    policies = bundle("package main\n\ndeny := count(numbers.range(1, 900000000))\n\nfine contains 1\n")
    with engine.session(policies, Limits(seconds=20.0, memory=1 << 30)) as session:
        with pytest.raises(BrokenCheck, match="more than 1 GiB of memory"):
            session.evaluate([b"{}"], ["data.main.deny"], {})
        assert session.evaluate([b"{}"], ["data.main.fine"], {}).values == {"data.main.fine": [1]}


def test_a_killed_engine_is_broken_and_the_next_evaluation_works(engine: PolicyEngine) -> None:
    caught: list[BrokenCheck] = []
    policies = bundle(f"package main\n\n{LOOP}\n\nfine contains 1\n")
    with engine.session(policies, SMALL) as session:

        def ask() -> None:
            try:
                session.evaluate([b'{"never": -1}'], ["data.main.deny"], {})
            except BrokenCheck as error:
                caught.append(error)

        thread = Thread(target=ask)
        thread.start()
        until(lambda: any(map(busy, children(os.getpid()))))
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        thread.join()
        assert "crashed" in caught[0].message
        assert session.evaluate([b"{}"], ["data.main.fine"], {}).values == {"data.main.fine": [1]}


def test_the_environment_is_out_of_reach(engine: PolicyEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_TOKEN", PLANTED)
    try:
        answer = str(judge(engine, "deny := opa.runtime()"))
    except BrokenCheck as error:
        answer = str(error.as_dict())
    assert PLANTED not in answer


@pytest.mark.parametrize(
    "call", ['http.send({"method": "get", "url": "http://127.0.0.1:1/"})', 'net.lookup_ip_addr("a")']
)
def test_the_network_is_out_of_reach(engine: PolicyEngine, call: str) -> None:
    with pytest.raises(BrokenCheck):
        judge(engine, f"deny contains {call}")


def test_the_input_stands_in_no_argument_no_environment_and_no_file(
    engine: PolicyEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_TOKEN", PLANTED)
    document = f'{{"never": -1, "password": "{PLANTED}"}}'.encode()
    caught: list[BrokenCheck] = []

    def ask() -> None:
        try:
            judge(engine, LOOP, document=document, limits=Limits(seconds=3.0, memory=2 << 30))
        except BrokenCheck as error:
            caught.append(error)

    thread = Thread(target=ask)
    thread.start()
    until(lambda: any(map(busy, children(os.getpid()))))
    seen = [
        Path(f"/proc/{pid}/{name}").read_bytes() for pid in children(os.getpid()) for name in ("cmdline", "environ")
    ]
    seen += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    modes = [path.stat().st_mode & 0o077 for path in tmp_path.glob("interlock-*")]
    thread.join()
    assert seen
    assert not any(PLANTED.encode() in text for text in seen)
    assert not any(modes)
    assert PLANTED not in str(caught[0].as_dict())


def test_the_engine_ends_with_its_parent(engine: PolicyEngine, tool: Callable[[str], Path], tmp_path: Path) -> None:
    how = "EmbeddedEngine()" if isinstance(engine, EmbeddedEngine) else "OpaEngine()"
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        from interlock.adapters.opa.engine import OpaEngine
        from interlock.adapters.regorus.engine import EmbeddedEngine
        from interlock.iac.policy.model import Bundle, Module
        from interlock.iac.policy.ports import Limits

        rego = {f"package main{chr(10)}{chr(10)}{LOOP}{chr(10)}"!r}
        policies = Bundle("", (Module("policy/0.rego", rego),), (), {{}}, None, {{}}, ("main",))
        with {how}.session(policies, Limits(seconds=300.0)) as session:
            session.evaluate([b'{{"never": -1}}'], ["data.main.deny"], {{}})
        """)
    )
    folder = tmp_path / "left-by-kill"
    folder.mkdir()
    program = str(tool("opa")) if isinstance(engine, OpaEngine) else ""
    environment = os.environ | {"TMPDIR": str(folder), "INTERLOCK_IAC__OPA": program}
    with subprocess.Popen([sys.executable, str(script)], env=environment) as parent:
        until(lambda: any(map(busy, children(parent.pid))))
        workers = children(parent.pid)
        parent.kill()
    until(lambda: not any(running(pid) for pid in workers))


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_rules_with_a_place_are_named_when_the_engine_is_stopped() -> None:
    rule = Rule("main.deny", Kind.DENY, "main", "deny", "data.main.deny", "policy/0.rego", 3)
    policies = bundle(f"package main\n\n{LOOP}\n\nfine contains 1\n", rules=(rule,))
    limits = Limits(seconds=0.5, memory=2 << 30)
    with pytest.raises(BrokenCheck) as caught, EmbeddedEngine().session(policies, limits) as session:
        session.evaluate([b'{"never": -1}'], ["data.main.fine", "data.main.deny"], {})
    assert str(caught.value.problems[0]) == "policy/0.rego:3: deny: was being judged"
