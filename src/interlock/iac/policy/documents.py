"""The files of a policy set: which there are, what they hold, and the digest over them.

Rules: names shown are those that people gave; names in the digest are relative to the path given, so that the same set
elsewhere has the same digest; a file is UTF-8; data documents never overwrite each other; links are followed to files
but a folder is entered once.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.kernel.errors import Invalid, Malformed, NotFound, TooLarge

FILE_LIMIT = 16 << 20
"""Bytes of one policy or data file."""
_DATA = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class File:
    """A policy file: its name as shown, its name within the set, its bytes and text."""

    shown: str
    name: str
    content: bytes
    text: str


def gather(paths: Sequence[str | Path], *, with_tests: bool) -> list[File]:
    """The Rego files at and below the paths, each once, by shown name.

    Raises:
        NotFound: a path is not there, or no Rego file is.
        Malformed: a file is no UTF-8 text.
        TooLarge: a file is over `FILE_LIMIT`.
    """
    found: dict[str, File] = {}
    real: set[str] = set()
    for path in paths:
        for shown, name in _below(str(path), (".rego",)):
            same = os.path.realpath(shown)
            if same not in real and (with_tests or not name.endswith("_test.rego") or shown == str(path)):
                real.add(same)
                content = _read(shown)
                found[shown] = File(shown, name, content, _text(shown, content))
    if not found:
        raise NotFound(
            f"no policy file in {', '.join(map(str, paths))}",
            why="policies are files that end in .rego" + ("" if with_tests else ", tests (*_test.rego) left out"),
            hint="--policy DIR names the folder of the policies",
        )
    return [found[shown] for shown in sorted(found)]


def merged(paths: Sequence[str | Path]) -> dict[str, Any]:
    """The data documents at and below the paths, merged by their top-level keys.

    Raises:
        NotFound: a path is not there.
        Malformed: a file is neither JSON nor YAML, or no mapping.
        Invalid: a key is in two files.
    """
    documents: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for path in paths:
        for shown, _ in _below(str(path), _DATA):
            for key, value in _document(shown).items():
                if key in documents:
                    raise Invalid(
                        f"the data key {key!r} is in {origin[key]} and in {shown}",
                        why="one would hide the other",
                        hint="put the key into one file",
                    )
                documents[key] = value
                origin[key] = shown
    return documents


def digest(files: Sequence[File], documents: dict[str, Any]) -> str:
    """Name a set by its files (names relative to the set, bytes) and data documents."""
    sums = sorted((file.name, hashlib.sha256(file.content).hexdigest()) for file in files)
    body = json.dumps([sums, documents], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(body.encode()).hexdigest()


def _below(path: str, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The files of a path with their names relative to it; a file is itself, whatever its ending."""
    if not os.path.exists(path):  # noqa: PTH110 - a third of the time of Path, over a folder tree
        raise NotFound(f"{path} is not there", hint="check the path")
    if not os.path.isdir(path):  # noqa: PTH112 - as above
        yield path, os.path.basename(path)  # noqa: PTH119 - as above
        return
    seen = set()
    for folder, folders, names in os.walk(path, followlinks=True):
        same = os.path.realpath(folder)
        if same in seen:
            folders.clear()
            continue
        seen.add(same)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(endings) and not name.startswith("."):
                shown = os.path.join(folder, name)  # noqa: PTH118 - as above
                yield shown, os.path.relpath(shown, path).replace(os.sep, "/")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read", why=(error.strerror or "unreadable").lower()) from error
    if len(content) > FILE_LIMIT:
        raise TooLarge(f"{path} is larger than {FILE_LIMIT >> 20} MiB", why="that is the limit of one file of a set")
    return content


def _text(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(f"{path}:{line}: the file is no UTF-8 text") from error


def _document(path: str) -> dict[str, Any]:
    text = _text(path, _read(path))
    value = _json(path, text) if path.endswith(".json") else _yaml(path, text)
    if not isinstance(value, dict):
        raise Malformed(f"{path} is no mapping", why="its top-level keys become keys of `data`")
    return {str(key): item for key, item in value.items()}


def _json(path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"{path}:{error.lineno}:{error.colno}: no JSON: {error.msg}") from error
    except RecursionError as error:
        raise Malformed(f"{path} is nested too deeply") from error


def _yaml(path: str, text: str) -> Any:
    import yaml  # noqa: PLC0415 - only sets with YAML data pay for it

    try:
        return json.loads(json.dumps(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))))  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise Malformed(f"{path}{place}: no YAML: {error.problem or 'unreadable'}") from error
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        why = "YAML that JSON has no form for, such as a date, is not taken: quote it"
        raise Malformed(f"{path}: no YAML document of JSON values", why=why) from error
