"""`interlock check` beside `opa eval` and `conftest test`: CPU and memory of whole processes, in one run.

Rules: every rival judges the same plan by the same policies (the bundled default set) and must find the same number of
things, or the figures are void; rounds are interleaved; the goal is at most 0.4 times the CPU of `opa eval`. The second
table holds `interlock --help` against `python -c "import click"`; the goal is at most 1.6 times.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Cost, interleaved, median
from plans import write

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(os.environ.get("INTERLOCK_TOOLS", ROOT / ".tools" / "bin"))
POLICIES = ROOT / "src" / "interlock" / "iac" / "policy" / "default"
CHECK_GOAL, HELP_GOAL = 0.4, 1.6
SIZES = ((1_000, 7), (10_000, 5))


def main() -> int:
    """Print both tables; 1 when the rivals disagree or a goal is missed."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, policies: default set")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        policies = _copy_policies(Path(folder) / "policy")
        for size, rounds in SIZES:
            good &= _compare(write(Path(folder) / f"plan-{size}.json", size), policies, size, rounds)
    good &= _help()
    return 0 if good else 1


def _copy_policies(target: Path) -> Path:
    """The set without its unit tests, which opa and conftest would load too."""
    target.mkdir()
    for source in POLICIES.glob("*.rego"):
        if not source.name.endswith("_test.rego"):
            (target / source.name).write_bytes(source.read_bytes())
    return target


def _compare(plan: Path, policies: Path, size: int, rounds: int) -> bool:
    interlock = [sys.executable, "-m", "interlock", "check", str(plan), "--policy", str(policies)]
    commands: dict[str, Sequence[str]] = {
        "interlock check": [*interlock, "-o", "json"],
        "opa eval": [str(TOOLS / "opa"), "eval", "-f", "json", "-d", str(policies), "-i", str(plan), "data.main"],
        "conftest test": [str(TOOLS / "conftest"), "test", "-o", "json", "-p", str(policies), str(plan)],
        "interlock check --engine opa": [*interlock, "-o", "json", "--engine", "opa"],
    }
    os.environ["PATH"] = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    costs = interleaved(commands, rounds)
    found = {name: _found(name, results[-1]) for name, results in costs.items()}
    base = median(costs["opa eval"])[0]
    print(f"\n{size:,} resources, {plan.stat().st_size / 1e6:.1f} MB, median of {rounds} interleaved rounds")
    print(f"{'':30}{'CPU s':>8}{'min':>8}{'max':>8}{'ratio':>8}{'RSS MB':>8}{'found':>8}")
    for name, results in costs.items():
        cpu, megabytes = median(results)
        low, high = min(c.cpu for c in results), max(c.cpu for c in results)
        print(f"{name:30}{cpu:8.3f}{low:8.3f}{high:8.3f}{cpu / base:8.2f}{megabytes:8.0f}{found[name]:8}")
    ratio = median(costs["interlock check"])[0] / base
    same = len(set(found.values())) == 1
    print(f"goal {CHECK_GOAL}: {'met' if ratio <= CHECK_GOAL else 'MISSED'}" + ("" if same else "; FINDINGS DIFFER"))
    return same and ratio <= CHECK_GOAL


def _found(name: str, cost: Cost) -> int:
    """How many violations and warnings a rival printed."""
    answer = json.loads(cost.output)
    if name == "opa eval":
        value = answer["result"][0]["expressions"][0]["value"]
        return sum(len(v) for k, v in value.items() if k.startswith(("deny", "warn", "violation")))
    if name == "conftest test":
        return sum(len(item.get(key) or ()) for item in answer for key in ("failures", "warnings"))
    reports = answer if isinstance(answer, list) else [answer]
    return sum(len(report["results"]) for report in reports)


def _help() -> bool:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "interlock --help": [sys.executable, "-m", "interlock", "--help"],
    }
    costs = interleaved(commands, 15)
    base = median(costs["python -c 'import click'"])[0]
    print(f"\n{'start-up':30}{'CPU s':>8}{'ratio':>8}")
    for name, results in costs.items():
        print(f"{name:30}{median(results)[0]:8.3f}{median(results)[0] / base:8.2f}")
    ratio = median(costs["interlock --help"])[0] / base
    print(f"goal {HELP_GOAL}: {'met' if ratio <= HELP_GOAL else 'MISSED'}")
    return ratio <= HELP_GOAL


if __name__ == "__main__":
    sys.exit(main())
