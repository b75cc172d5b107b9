"""Shared by all tests: the real programs, found in `.tools/bin`; sockets to loopback only.

Rules: a missing program skips its tests with one line that names it; in CI (``CI=true``) a skip is a failure.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(os.environ.get("INTERLOCK_TOOLS", ROOT / ".tools" / "bin"))


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """The path of a real program that `make tools` installed."""

    def find(name: str) -> Path:
        path = TOOLS / name
        if not path.exists():
            message = f"{name} is not in {TOOLS}: run `make tools`"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        return path

    return find
