"""The documentation is true: every ``console`` block is run, every link leads somewhere, every generated page is fresh.

Rules: the blocks of a page run in order in one folder that holds a copy of `examples`; a block of another language whose
info string says ``file=PATH`` is written there; a line ``...`` of the expected output stands for any lines; `make`
commands are looked up, not run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = [page for page in PAGES if "$ " in page.read_text(encoding="utf-8")]
FENCE = re.compile(r"^```(?P<language>\w*)(?:[ ]file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")


class Step(NamedTuple):
    command: str
    expected: str


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def steps(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        yield Step(command, expected)


def matches(expected: str, actual: str) -> bool:
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + "\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in actual.splitlines())) is not None


@pytest.mark.parametrize("page", RUN, ids=_name)
def test_transcripts(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        # So that standard output and error come in the order in which they are written.
        "PYTHONUNBUFFERED": "1",
    }
    for block in FENCE.finditer(page.read_text(encoding="utf-8")):
        if block["file"]:
            file = tmp_path / block["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"], encoding="utf-8")
        for step in steps(block["text"]) if block["language"] == "console" else ():
            if step.command.startswith("make"):
                continue
            done = subprocess.run(
                ["sh", "-c", step.command], cwd=tmp_path, env=environment, text=True, check=False, timeout=120,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert matches(step.expected, done.stdout), f"$ {step.command}\n{done.stdout}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_make_commands_have_targets(page: Path) -> None:
    words = re.findall(r"(?:^\$ |^|`)make ((?:[a-z-]+ ?)+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    asked = {word for part in words for word in part.split()} if words else set()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.finditer(text):
        target, _, anchor = link["target"].partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{_name(page)}: {link['target']}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{_name(page)}: {link['target']}"


def anchors(page: Path) -> set[str]:
    """As GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.is_relative_to(ROOT / "docs")]
    listed = index + (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8").replace("](0", "](adr/0")
    assert [page for page in pages if page != "README.md" and f"]({page}" not in listed] == []


@pytest.mark.parametrize(
    ("expected", "actual", "answer"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("...\nd\n", "d\n", True),
        ("a\n...\n", "b\n", False),
        ("", "", True),
        ("", "a\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_how_outputs_are_compared(expected: str, actual: str, answer: bool) -> None:  # noqa: FBT001 - a parameter
    assert matches(expected, actual) is answer
