"""The demo: plan a real stack, show what it means, change it, show the difference in meaning, judge it by policy.

Rules: runs with the standard library and the installed `interlock`; takes OpenTofu or Terraform from PATH or `.tools/bin`,
and where there is neither, recorded plans; contacts nothing outside this machine; leaves its work in `.demo` only;
exits 0 when every step ended as announced, a violation that stops a plan included.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / ".demo"
STACK = ROOT / "examples" / "stacks" / "pool"
RECORDED = ROOT / "examples" / "plans"
VIOLATION = 20


def main() -> int:
    """Run all steps; 1 when one ends otherwise than announced."""
    started = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    tool = _tool()
    good = _live(tool) if tool else _recorded()
    good &= _judge()
    seconds = time.monotonic() - started
    print(f"\n{'The demo ended as announced' if good else 'The demo FAILED'}, {seconds:.0f} s. Plans: {_shown(WORK)}")
    return 0 if good else 1


def _live(tool: Path) -> bool:
    print(f"Planning examples/stacks/pool with {tool.name}; no provider is downloaded, nothing leaves this machine.")
    work = WORK / "pool"
    shutil.copytree(STACK, work)
    good = _run([tool, f"-chdir={_shown(work)}", "init", "-input=false", "-no-color"], quiet=True)
    good &= _plan(tool, work, "before.tfvars", "1-create.json")
    _say("What will this change do?")
    good &= _interlock("plan", "show", _shown(WORK / "1-create.json"))
    good &= _run([tool, f"-chdir={_shown(work)}", "apply", "-input=false", "-no-color", "plan.bin"], quiet=True)
    _say("The team edits its inputs. What does the change mean now?")
    good &= _plan(tool, work, "after.tfvars", "2-change.json")
    good &= _interlock("plan", "show", _shown(WORK / "2-change.json"))
    _say("Planned again, nothing edited: another file, the same meaning, so an approval of it stands.")
    good &= _plan(tool, work, "after.tfvars", "3-again.json")
    good &= _interlock("plan", "diff", _shown(WORK / "2-change.json"), _shown(WORK / "3-again.json"))
    _say("And the difference in meaning between the first plan and the second:")
    good &= _interlock("plan", "diff", _shown(WORK / "1-create.json"), _shown(WORK / "2-change.json"))
    _say("Judged by the bundled default policies:")
    return good & _interlock("check", _shown(WORK / "2-change.json"))


def _recorded() -> bool:
    print("No OpenTofu or Terraform on PATH or in .tools: the recorded plans in examples/plans stand in.")
    for plan in sorted(RECORDED.glob("*.json")):
        shutil.copy(plan, WORK)
    network, web = _shown(WORK / "network.json"), _shown(WORK / "web.json")
    _say("What will this change do?")
    good = _interlock("plan", "show", network)
    _say("How do two plans differ in meaning?")
    good &= _interlock("plan", "diff", network, web)
    _say("The names of their meanings:")
    return good & _interlock("plan", "digest", network, web)


def _judge() -> bool:
    _say("A plan of cloud resources that breaks rules is stopped; exit code 20 is announced:")
    return _interlock("check", _shown(RECORDED / "orders.json"), expected=VIOLATION)


def _plan(tool: Path, work: Path, inputs: str, name: str) -> bool:
    where = f"-chdir={_shown(work)}"
    good = _run([tool, where, "plan", "-input=false", "-no-color", f"-var-file={inputs}", "-out=plan.bin"], quiet=True)
    command = [str(tool), where, "show", "-json", "plan.bin"]
    print(f"$ {tool.name} {' '.join(command[1:])} > {_shown(WORK / name)}", flush=True)
    with (WORK / name).open("wb") as file:
        return good & (subprocess.run(command, cwd=ROOT, env=_environment(), stdout=file, check=False).returncode == 0)


def _interlock(*words: str, expected: int = 0) -> bool:
    return _run([Path(sys.executable), "-m", "interlock", *words], shown=f"interlock {' '.join(words)}", expected=expected)


def _run(command: Sequence[str | Path], *, shown: str = "", quiet: bool = False, expected: int = 0) -> bool:
    words = [str(word) for word in command]
    print(f"$ {shown or ' '.join([Path(words[0]).name, *words[1:]])}", flush=True)
    done = subprocess.run(words, cwd=ROOT, env=_environment(), capture_output=quiet, text=True, check=False)
    if done.returncode != expected:
        print(f"{done.stdout or ''}{done.stderr or ''}\nexit {done.returncode}, expected {expected}")
    elif expected:
        print(f"exit {done.returncode}")
    return done.returncode == expected


def _tool() -> Path | None:
    """OpenTofu before Terraform, PATH before `.tools`."""
    places = os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / ".tools" / "bin")])
    for name in ("tofu", "terraform"):
        found = shutil.which(name, path=places)
        if found:
            return Path(found)
    return None


def _environment() -> dict[str, str]:
    """Of the caller's environment only what programs need; nothing that makes a tool phone home or read a home folder."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "SYSTEMROOT") if key in os.environ}
    return kept | {"HOME": str(WORK), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _say(text: str) -> None:
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
