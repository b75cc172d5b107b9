"""Runs the ``console`` blocks of pages and writes what the commands print into them; `--check` compares instead.

Rules: the blocks of a page run in order in one folder that holds a copy of `examples`; a block of another language with
``file=PATH`` in its info string is written there first; a line ``...`` of the output stands for any lines, and stays as
long as it fits; `make` commands are not run; the environment is made here, so that a page is the same on every machine.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(?P<language>\w*)(?:[ ]file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TIME_LIMIT = 120


class Step(NamedTuple):
    """A command of a page, as it is written there, and what it says that the command prints."""

    written: str
    expected: str

    @property
    def command(self) -> str:
        """The command, in one line."""
        return re.sub(r"\\\n(?:> )?", "", self.written)


def steps(text: str) -> Iterator[Step]:
    """The commands of a ``console`` block: what follows ``$``, over lines that end in a backslash."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        written, _, expected = part.partition("\n")
        while written.endswith("\\"):
            more, _, expected = expected.partition("\n")
            written += f"\n{more}"
        yield Step(written, expected)


def matches(expected: str, actual: str) -> bool:
    """Whether the output is as the page says, blanks at the ends of lines aside."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + "\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, _tidy(actual)) is not None


def replayed(text: str, folder: Path) -> str:
    """The page as it ought to be; its commands run in a folder, to which `examples` is copied."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    return FENCE.sub(lambda block: _block(block, folder), text)


def _block(block: re.Match[str], folder: Path) -> str:
    if block["file"]:
        file = folder / block["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block["text"], encoding="utf-8")
    if block["language"] != "console":
        return block[0]
    parts = []
    for step in steps(block["text"]):
        output = step.expected if step.command.startswith("make") else run(step.command, folder)
        kept = step.expected if matches(step.expected, output) else _tidy(output)
        parts.append(f"$ {step.written}\n{kept}")
    return f"```console\n{''.join(parts)}```"


def run(command: str, folder: Path) -> str:
    """What a command prints, both streams in the order in which it writes them."""
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, text=True, check=False, timeout=_TIME_LIMIT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def _tidy(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def main(words: Sequence[str]) -> int:
    """Write the pages named, or with ``--check`` say which of them are stale; 1 when one is."""
    stale = 0
    for name in words:
        if name == "--check":
            continue
        page = Path(name)
        text = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            fresh = replayed(text, Path(folder))
        if fresh != text:
            stale += 1
            print(f"{name} {'is stale' if '--check' in words else 'is written anew'}")
            if "--check" not in words:
                page.write_text(fresh, encoding="utf-8")
    return 1 if stale and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
