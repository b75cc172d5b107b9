"""The wheel, installed with the hashed requirements into an empty environment, works without the repository."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "src" / "interlock" / "iac" / "policy" / "default"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program `interlock` of an environment that holds it and its requirements only."""
    folder = tmp_path_factory.mktemp("empty")
    uv, python = _uv(), str(folder / "venv" / "bin" / "python")
    hashed = ["--require-hashes", "-r", str(ROOT / "requirements" / "base.txt")]
    if uv:
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder / "venv")], check=True)
        install = [uv, "pip", "install", "-q", "--python", python]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, *hashed], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    return folder / "venv" / "bin" / "interlock"


def _uv() -> str | None:
    """As the Makefile finds it: named, fetched, or on PATH."""
    named = os.environ.get("UV")
    fetched = ROOT / ".tools" / "bin" / "uv"
    return named or (str(fetched) if fetched.exists() else shutil.which("uv"))


def called(installed: Path, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    # Nothing of the repository is in reach: another folder, and no variable of the caller's.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(installed), *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_what_the_package_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    policies = {f"interlock/iac/policy/default/{path.name}" for path in DEFAULT.glob("*.rego")}
    assert policies
    assert policies <= names
    assert "interlock/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith("interlock")]
    assert "License-Expression: Apache-2.0" in metadata


def test_version_and_help(installed: Path, tmp_path: Path) -> None:
    version = called(installed, tmp_path, "--version")
    assert (version.returncode, version.stdout.split()[0], version.stderr) == (0, "interlock", "")
    assert called(installed, tmp_path, "--help").returncode == 0


def test_a_plan_is_shown_and_judged(installed: Path, tmp_path: Path) -> None:
    plan = shutil.copy(ROOT / "examples" / "guide" / "approved.json", tmp_path / "plan.json")
    shown = called(installed, tmp_path, "plan", "show", "plan.json")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "terraform_data.listener" in shown.stdout
    judged = called(installed, tmp_path, "check", "plan.json", "-o", "json")
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout)
    assert Path(plan).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json"]


def test_a_violation_is_stopped(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "plans" / "orders.json", tmp_path / "plan.json")
    judged = called(installed, tmp_path, "check", "plan.json")
    assert judged.returncode == 20
    assert "violation" in judged.stdout
    assert judged.stderr.splitlines()[-1].strip().startswith("next:")


def test_policies_can_be_tested(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "policies", tmp_path / "policies")
    assert called(installed, tmp_path, "policy", "test", "policies").returncode == 0
