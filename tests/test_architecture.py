"""The shape of the code: contracts of imports, sizes, descriptions, mirrored tests, nothing of one machine in it."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "interlock"
TESTS = ROOT / "tests"
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
LONGEST_MODULE, LONGEST_FUNCTION = 450, 60

# Modules that have no test file of their own name, and the one that holds their tests.
TESTED_IN = {
    "__main__.py": "web/test_command.py",
    "offline.py": "web/test_command.py",
    "adapters/opa/process.py": "adapters/opa/test_engine.py",
    "adapters/regorus/faults.py": "adapters/regorus/test_engine.py",
    "adapters/regorus/worker.py": "adapters/regorus/test_process.py",
    "iac/plans/align.py": "iac/plans/test_compare.py",
    "iac/plans/clean.py": "iac/plans/test_show_secrets.py",
    "iac/plans/embedded.py": "iac/plans/test_compare.py",
    "iac/plans/model.py": "iac/plans/test_view.py",
    "iac/plans/records.py": "iac/plans/test_cli.py",
    "iac/plans/secrets.py": "iac/plans/test_show_secrets.py",
    "iac/plans/table.py": "iac/plans/test_cli.py",
    "iac/plans/values.py": "iac/plans/test_compare.py",
    "iac/policy/bundle.py": "iac/policy/test_default.py",
    "iac/policy/documents.py": "iac/policy/test_cli.py",
    "iac/policy/evaluation.py": "iac/policy/test_service.py",
    "iac/policy/model.py": "iac/policy/test_outcome.py",
    "iac/policy/ports.py": "contracts/test_policy_engine.py",
    "iac/policy/records.py": "iac/policy/test_cli.py",
    "iac/policy/tables.py": "iac/policy/test_cli.py",
    "iac/policy/workshop.py": "iac/policy/test_cli.py",
}
# Split, so that this file does not hold what it forbids.
FORBIDDEN = [
    "/wo" + "rk/", "/ro" + "ot/", "../sha" + "red", "farm-" + "studio", "farm-" + "bench",
    "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "proxy.golang" + ".org",
    "sum.golang" + ".org", "goproxy" + ".", "deb.debian" + ".org", "artifactory" + ".",
]  # fmt: skip
BINARY = {".png", ".whl", ".gz", ".bin"}


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_contracts_of_imports() -> None:
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_each_module_says_what_it_is_for(module: str) -> None:
    text = (SOURCE / module).read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{module} has no docstring"


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_are_small(module: str) -> None:
    text = (SOURCE / module).read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    # A builder of a command is its options and one inner function; it counts without them.
    long = [f.name for f in functions if _lines(f) - sum(map(_lines, _inner(f))) > LONGEST_FUNCTION]
    assert not long


def _lines(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _inner(node: ast.FunctionDef) -> list[ast.FunctionDef]:
    return [child for child in node.body if isinstance(child, ast.FunctionDef)]


@pytest.mark.parametrize("module", [module for module in MODULES if not module.endswith("__init__.py")])
def test_each_module_has_tests(module: str) -> None:
    path = Path(module)
    mirrored = TESTS / path.parent / f"test_{path.name}"
    named = TESTS / TESTED_IN.get(module, mirrored)
    assert mirrored.exists() or named.exists(), f"{module} wants tests in {mirrored.relative_to(TESTS)}"


def test_the_list_names_modules_that_exist() -> None:
    assert set(TESTED_IN) <= set(MODULES)


def test_no_file_names_this_machine_or_a_package_host() -> None:
    found = []
    for path in tracked():
        if path.suffix in BINARY:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in text]
    assert not found


def test_an_ignored_rule_has_its_number() -> None:
    bare = re.compile(r"#\s*(?:type:\s*ignore(?!\[)|noqa(?!:))")
    paths = [path for path in tracked() if path.suffix == ".py"]
    assert not [str(path.relative_to(ROOT)) for path in paths if bare.search(path.read_text(encoding="utf-8"))]


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    paths = [path for path in tracked() if path.suffix in {".py", ".rego", ".md", ".toml"}]
    assert not [str(path.relative_to(ROOT)) for path in paths if later.search(path.read_text(encoding="utf-8"))]
