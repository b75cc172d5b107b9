"""What only the `opa` program can lack."""

from collections.abc import Callable
from pathlib import Path

import pytest

from interlock.adapters.opa.engine import SETTING, OpaEngine
from interlock.iac.policy.model import Bundle, Module
from interlock.iac.policy.ports import Limits
from interlock.kernel.errors import BrokenCheck

LIMITS = Limits(seconds=20.0, memory=4 << 30)


def bundle(*modules: Module) -> Bundle:
    return Bundle("sha256:0", modules, (), {}, None, {}, ("main",))


def program(folder: Path, text: str) -> Path:
    path = folder / "opa"
    path.write_text(text)
    path.chmod(0o700)
    return path


def test_a_machine_without_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(SETTING, raising=False)
    with pytest.raises(BrokenCheck, match="there is no program opa") as caught:
        OpaEngine().describe()
    assert SETTING in caught.value.hint
    with pytest.raises(BrokenCheck, match="there is no program opa"):
        OpaEngine().session(bundle(), LIMITS).__enter__()


@pytest.mark.tool("opa")
def test_the_setting_names_it(monkeypatch: pytest.MonkeyPatch, tool: Callable[[str], Path], tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(SETTING, str(tool("opa")))
    assert OpaEngine().describe().name == "opa"


def test_another_program_is_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(BrokenCheck, match="does not say its version"):
        OpaEngine(program(tmp_path, "#!/bin/sh\necho hello\n")).describe()


def test_a_program_that_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BrokenCheck, match="does not start"):
        OpaEngine(program(tmp_path, "no program")).describe()


def test_a_program_that_answers_nothing_is_broken(tmp_path: Path) -> None:
    script = """#!/bin/sh
case $1 in
capabilities) echo '{"builtins": []}' ;;
*) exit 0 ;;
esac
"""
    with (
        pytest.raises(BrokenCheck, match="cannot be read"),
        OpaEngine(program(tmp_path, script)).session(bundle(), LIMITS) as session,
    ):
        session.evaluate([b"{}"], ["data.main.deny"], {})


@pytest.mark.tool("opa")
def test_modules_of_rego_v0_run_as_such_but_not_beside_others(tool: Callable[[str], Path]) -> None:
    old = Module("a.rego", "package main\n\ndeny[x] { x := input.a[_] }\n", v0=True)
    new = Module("b.rego", "package main\n\nwarn contains 1\n")
    engine = OpaEngine(tool("opa"))
    with engine.session(bundle(old), LIMITS) as session:
        assert session.evaluate([b'{"a": [1]}'], ["data.main.deny"], {}).values == {"data.main.deny": [1]}
    with pytest.raises(BrokenCheck, match="v0 and v1"):
        engine.session(bundle(old, new), LIMITS).__enter__()


@pytest.mark.tool("opa")
def test_no_file_stays_open(tool: Callable[[str], Path]) -> None:
    engine = OpaEngine(tool("opa"))
    engine.describe()
    before = len(list(Path("/proc/self/fd").iterdir()))
    engine.describe()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
