"""Runs a command as a whole process tree and tells what it cost: CPU seconds and peak resident memory.

Rules: CPU is user plus system time of the process and all its children; memory is the sum of every process's own
high-water mark, sampled while it runs, so it is never below the truth of one process; rounds of rivals are
interleaved, so that a busy machine is equally unfair to all.
"""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: seconds of CPU, megabytes at the peak, exit code, standard output."""

    cpu: float
    megabytes: float
    exit_code: int
    output: bytes


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """Run once, with an environment of its own."""
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(env or {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}),
    )
    peaks: dict[int, int] = {}
    done = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, peaks, done))
    sampler.start()
    if process.stdout is None:
        message = "no pipe"
        raise RuntimeError(message)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    done.set()
    sampler.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    megabytes = max(sum(peaks.values()), usage.ru_maxrss) / 1000
    return Cost(usage.ru_utime + usage.ru_stime, megabytes, process.returncode, output)


def interleaved(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """Run every command once a round, after one round that only warms caches."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for round_number in range(rounds + 1):
        for name, command in commands.items():
            cost = run(command)
            if round_number:
                costs[name].append(cost)
    return costs


def median(costs: Sequence[Cost]) -> tuple[float, float]:
    """Median CPU seconds and median megabytes."""
    return statistics.median(c.cpu for c in costs), statistics.median(c.megabytes for c in costs)


def _sample(root: int, peaks: dict[int, int], done: threading.Event) -> None:
    while not done.is_set():
        for pid in _tree(root):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            mark = status.partition("VmHWM:")[2].split(maxsplit=1)
            if mark:
                peaks[pid] = max(peaks.get(pid, 0), int(mark[0]))
        time.sleep(0.01)


def _tree(pid: int) -> list[int]:
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in children:
        found += _tree(int(child))
    return found
