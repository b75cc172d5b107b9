"""The grammar of the command line: what help costs, how every refusal looks, and that nothing ends in a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from interlock.__main__ import COMMANDS, ROOT
from interlock.kernel import errors
from interlock.kernel.errors import BrokenCheck, InterlockError, Invalid, PolicyViolation, Problem
from interlock.web.command import Noun, run

INTERLOCK = [sys.executable, "-m", "interlock"]
CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, InterlockError) and value is not InterlockError
]


def failing(action: Callable[[], Any]) -> click.Command:
    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1)
    def command(words: tuple[str, ...]) -> Any:  # noqa: ARG001 - only there to be given
        return action()

    return command


def raising(error: BaseException) -> click.Command:
    def action() -> None:
        raise error

    return failing(action)


def called(*words: str, **given: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*INTERLOCK, *words], capture_output=True, text=True, check=False, **given)


# Help


def test_help_imports_click_and_nothing_else() -> None:
    program = (
        "import sys; from interlock.__main__ import ROOT; from interlock.web.command import run; "
        "code = run(ROOT, ['--help']); "
        "sys.stderr.write('\\n'.join(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    heavy = {"msgspec", "yaml", "regorus", "tree_sitter", "tree_sitter_hcl", "json", "decimal", "tempfile", "logging"}
    assert not heavy & modules
    ours = {name for name in modules if name.split(".")[0] == "interlock"}
    assert ours == {
        "interlock", "interlock.__main__", "interlock.kernel", "interlock.kernel.errors", "interlock.web",
        "interlock.web.command",
    }  # fmt: skip


def test_help_lists_every_command_by_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, ["--help"]) == 0
    text = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"{entry.chapter}:" in text
        assert f"  {name} " in text
        assert entry.help in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_names_what_exists(name: str) -> None:
    module, _, builder = COMMANDS[name].builder.partition(":")
    command = getattr(import_module(module), builder)()
    assert isinstance(command, click.Command)
    assert command.help


@pytest.mark.parametrize("words", [[], ["plan"], ["policy"]])
def test_a_noun_alone_shows_its_verbs(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Usage: {' '.join(['interlock', *words])} ")
    assert "\\n" not in err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, ["--version"]) == 0
    assert run(ROOT, ["version"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]
    assert run(ROOT, ["version", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["interlock"] == lines[0].removeprefix("interlock ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, ["completion", shell]) == 0
    assert "_INTERLOCK_COMPLETE" in capsys.readouterr().out


def test_completion_completes() -> None:
    asked = {"_INTERLOCK_COMPLETE": "bash_complete", "COMP_WORDS": "interlock pl", "COMP_CWORD": "1"}
    program = "from interlock.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ | asked
    )
    assert "plan" in done.stdout


# Words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chekc"], "interlock has no 'chekc'. Did you mean 'check'?"),
        (["plan", "shwo"], "interlock plan has no 'shwo'. Did you mean 'show'?"),
        (["plan", "describe"], "interlock plan has no 'describe'. Did you mean 'show'?"),
        (["plan", "get"], "interlock plan has no 'get'. Did you mean 'show'?"),
        (["plan", "compare"], "interlock plan has no 'compare'. Did you mean 'diff'?"),
        (["policy", "validate"], "interlock policy has no 'validate'. Did you mean 'lint'?"),
        (["plan", "xyzzy"], "interlock plan has no 'xyzzy'. There is: diff, digest, show"),
        (["plan", "show", "--ful", "x.json"], "No such option '--ful'. Did you mean '--full'?"),
        (["plan", "show"], "Missing argument 'FILE'"),
    ],
)
def test_a_wrong_word(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROOT, words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == f"error: {message}"
    assert err.splitlines()[-1].startswith("  next: interlock")
    assert err.splitlines()[-1].endswith("--help")


# Errors


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.code)
def test_an_error_has_three_lines_and_its_exit_code(
    error: type[InterlockError], capsys: pytest.CaptureFixture[str]
) -> None:
    command = raising(error("it did not", why="the reason", hint="interlock help me"))
    assert run(command, []) == error.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: it did not\n  why:  the reason\n  next: interlock help me\n"


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.code)
@pytest.mark.parametrize("words", [["-o", "json"], ["--json"], ["-ojson"], ["--output=ndjson"], ["-o", "yaml"]])
def test_an_error_as_one_object(
    error: type[InterlockError], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    raised = error("it did not", why="the reason", problems=[Problem("m", file="f", line=1)])
    assert run(raising(raised), words) == error.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert yaml.safe_load(err) == {"error": raised.as_dict()}
    assert ("{" in err) == ("yaml" not in words)


def test_the_environment_chooses_the_form_of_errors_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTERLOCK_OUTPUT", "json")
    assert run(ROOT, ["plan", "shwo"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "invalid"


def test_words_after_the_end_of_options_are_no_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(Invalid("no")), ["--", "-o", "json"]) == 2
    assert capsys.readouterr().err == "error: no\n"


def test_problems_stand_before_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("is not known", file="a.rego", line=3, column=7), Problem("is broken", file="b.rego")]
    assert run(raising(BrokenCheck("2 faults", problems=problems)), []) == 1
    assert capsys.readouterr().err == "a.rego:3:7: is not known\nb.rego: is broken\nerror: 2 faults\n"


def test_what_comes_from_outside_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2Jgone\u202e\nerror: another"
    error = PolicyViolation(evil, why=evil, hint=evil, problems=[Problem(evil, file=evil)])
    assert run(raising(error), []) == 20
    err = capsys.readouterr().err
    assert err.count("\n") == 4
    assert "\x1b" not in err
    assert "\u202e" not in err


@pytest.mark.parametrize(
    "error", [ValueError("hunter2"), KeyError("hunter2"), RecursionError("hunter2"), AssertionError()]
)
def test_a_bug_is_one_line_without_values(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(error), []) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: a bug in Interlock: {type(error).__name__} at test_command.py:")
    assert "hunter2" not in err
    assert "Traceback" not in err


def test_the_system_refusing_is_no_bug(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(failing((tmp_path / "absent").read_text), []) == 1
    assert capsys.readouterr().err.splitlines()[0] == f"error: {tmp_path / 'absent'}: No such file or directory"
    assert run(raising(MemoryError()), []) == 1
    assert capsys.readouterr().err.splitlines()[0] == "error: there is not enough memory"


def test_the_code_of_a_command_is_the_code_of_the_program() -> None:
    assert run(failing(lambda: 10), []) == 10
    assert run(failing(lambda: None), []) == 0
    assert run(failing(lambda: click.get_current_context().exit(3)), []) == 3


# Signals and pipes


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interrupted(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(error), []) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_ctrl_c_while_it_waits_for_input() -> None:
    with subprocess.Popen(
        [*INTERLOCK, "plan", "show", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        # More than a pipe holds: once it is all written, the program has begun to read.
        process.stdin.write(b" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().strip() == "interrupted"


@pytest.mark.parametrize("words", [["--help"], ["version"], ["version", "-o", "json"], ["completion", "bash"]])
def test_a_reader_that_has_gone(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run([*INTERLOCK, *words], stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full exists on Linux only")
def test_a_full_disk() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*INTERLOCK, "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "error: No space left on device"
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell that closes standard output")
def test_a_closed_standard_output() -> None:
    line = f'"{sys.executable}" -m interlock version >&-'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_gets_utf8_in_every_locale(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(
        [*INTERLOCK, "plan", "show", "näme.json"], capture_output=True, check=False, env=environment, cwd=tmp_path
    )
    assert b"Traceback" not in done.stderr
    program = "import click; from interlock.web.command import run; "
    program += "run(click.Command('x', callback=lambda: click.echo('n\\xe4me \\u6771')), [])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    assert done.stdout.decode().strip() == "näme 東"


def test_json_never_takes_the_file_for_its_fields(tmp_path: Path) -> None:
    done = called("plan", "show", "--json", "absent.json", cwd=tmp_path)
    assert "Missing argument" not in done.stderr
    assert json.loads(done.stderr)["error"]["message"].startswith("absent.json")


# Nouns


def test_a_noun_of_a_noun() -> None:
    noun = Noun("thing")
    noun.add_command(failing(lambda: 7), "show")
    assert run(noun, ["show"]) == 7
    assert run(noun, ["sow"]) == 2
