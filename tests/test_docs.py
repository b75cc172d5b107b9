"""The documentation is true: ``console`` blocks are run, links lead somewhere, generated pages are fresh."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TRANSCRIPTS = runpy.run_path(str(ROOT / "tools" / "transcripts.py"))
FENCE, steps, matches, replayed = (TRANSCRIPTS[name] for name in ("FENCE", "steps", "matches", "replayed"))
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")], ids=_name
)
def test_transcripts(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # To write it anew: python tools/transcripts.py PAGE.
    assert replayed(text, tmp_path).splitlines() == text.splitlines()


def _asked_of_make(page: Path) -> list[str]:
    return re.findall(r"(?:^\$ |^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", [page for page in PAGES if _asked_of_make(page)], ids=_name)
def test_make_commands_have_targets(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_asked_of_make(page)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = link["target"].partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link["target"]
        if anchor and file.suffix == ".md":
            assert anchor in _anchors(file), link["target"]


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("tool", ["reference", "picture"])
def test_what_is_generated_is_fresh(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, f"tools/{tool}.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_index_names_every_page() -> None:
    docs = ROOT / "docs"
    listed = {docs / "README.md"}
    for index in (docs / "README.md", docs / "adr" / "README.md"):
        targets = (link["target"].partition("#")[0] for link in LINK.finditer(index.read_text(encoding="utf-8")))
        listed |= {(index.parent / target).resolve() for target in targets}
    assert {_name(page) for page in PAGES if page.is_relative_to(docs)} <= {
        _name(page) for page in listed if page.is_relative_to(ROOT)
    }


@pytest.mark.parametrize(
    ("expected", "actual", "answer"),
    [
        ("a\nb\n", "a\nb \n", True),
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


def test_commands_of_a_block() -> None:
    found = list(steps("$ one\nx\ny\n$ two \\\n>   three\n$ four\n"))
    assert [(step.command, step.expected) for step in found] == [("one", "x\ny\n"), ("two   three", ""), ("four", "")]
