"""Policy sets: files and folders become one `Bundle`, the same for every engine.

Rules: what conftest would judge is judged, and what it would pass over in silence is refused: a set without a rule, a
rule whose head says something else than meant, two data documents for one key; files are read once, in the order of
their names; a module's text keeps its lines, and what is added to it (one copy for each definition that shares its
head with others, so that each result is traced to its own file and line) stands after its end, below a comment
that says which line it copies. What only the embedded engine cannot do is no concern here: see `lint` and `rewrite`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from interlock.iac.policy.documents import digest, gather, merged
from interlock.iac.policy.metadata import Annotation, annotations
from interlock.iac.policy.model import Bundle, Kind, Module, Rule
from interlock.iac.policy.sections import sections
from interlock.iac.policy.tokens import Source, Statement, parse
from interlock.kernel.errors import BrokenCheck, Invalid, Problem

DEFAULT_NAMESPACE = "main"
EVERY_NAMESPACE = "*"
COPY = "_interlock_"
_HEAD = re.compile(r"(deny|violation|warn)(?:_[a-zA-Z0-9]+)*\Z")
_FAMILY = re.compile(r"(?:deny|violation|warn)(?:_|\Z)")
_CONVERT = "opa fmt --v0-v1 --write FILE converts it"


@dataclass(frozen=True, slots=True)
class Definition:
    """One statement that defines a judging rule, and what is written above it."""

    source: Source
    statement: Statement
    name: str
    annotation: Annotation | None


def default_paths() -> tuple[Path, ...]:
    """The folder of the set that ships with Interlock."""
    return (Path(__file__).with_name("default"),)


def load(
    paths: Sequence[str | Path],
    data: Sequence[str | Path] = (),
    namespaces: Sequence[str] = (),
    *,
    with_tests: bool = False,
) -> Bundle:
    """Read a policy set.

    Args:
        paths: Rego files, and folders searched for ``*.rego``; hidden files and folders are passed over.
        data: JSON and YAML files, and folders of them, merged below ``data`` by their top-level keys.
        namespaces: the packages whose rules are asked; empty means ``main``, ``*`` means all.
        with_tests: also load ``*_test.rego``; their ``test_`` rules are `Bundle.tests`.

    Raises:
        NotFound: a path is not there.
        Malformed: a data file is neither JSON nor YAML.
        Invalid: two data documents for one key; not one rule.
        BrokenCheck: a policy cannot be read; `problems` name each place.
    """
    files = gather(paths, with_tests=with_tests)
    documents = merged(data)
    sources = [parse(file.shown, file.text) for file in files]
    notes = {source.file: annotations(source) for source in sources}
    problems = [problem for source in sources for problem in _problems(source, notes[source.file].values())]
    if problems:
        raise BrokenCheck(
            f"{len(problems)} fault{'s' if len(problems) > 1 else ''} in the policies",
            why="a policy that cannot be read judges nothing",
            hint="correct what is listed above",
            problems=problems,
        )
    asked = _asked(sources, namespaces)
    definitions = [item for source in sources for item in _definitions(source, asked, notes[source.file])]
    if not definitions and not with_tests:
        raise _without_rules(sources, asked, paths)
    rules, copies = _rules(definitions)
    return Bundle(
        digest=digest(files, documents),
        modules=tuple(Module(source.file, _with_copies(source, copies.get(source.file, []))) for source in sources),
        rules=rules,
        exceptions=_exceptions(sources, asked),
        sections=sections(sources),
        data=documents,
        namespaces=tuple(sorted({rule.namespace for rule in rules})),
        tests=tuple(_tests(sources)) if with_tests else (),
    )


def original_line(text: str, line: int) -> int:
    """The line of the file as people know it, for a line of a module's text that may lie within an added copy."""
    lines = text.split("\n")[:line]
    for number in range(len(lines), 0, -1):
        match = _MARK.match(lines[number - 1])
        if match:
            return int(match[1]) + max(line - number - 1, 0)
    return line


_MARK = re.compile(r"# interlock: copy of line ([0-9]+)\Z")


def _problems(source: Source, notes: Iterable[Annotation]) -> Iterator[Problem]:
    """What no engine would accept, or would accept in a meaning that nobody wants."""
    if source.problems:
        yield from source.problems
        return
    if not source.package:
        yield Problem("the file declares no package", source.file, 1, 1, hint="begin it with `package main`")
    for statement in source.rules:
        if statement.old >= 0:
            place = source.at(statement.old)
            yield Problem("a body without `if` is Rego v0", source.file, *place, hint=_CONVERT)
        name = source.words[statement.name]
        if _FAMILY.match(name):
            yield from _head_problems(source, statement, name)
    for annotation in notes:
        if annotation.problem is not None:
            yield annotation.problem


def _head_problems(source: Source, statement: Statement, name: str) -> Iterator[Problem]:
    line, column = source.at(statement.name)
    after = source.words[statement.name + 1] if statement.name + 1 < statement.end else ""
    if after in {".", "["} and source.joined(statement.name + 1):
        hint = f"write `{name} contains message if {{...}}`" if after == "[" else "join the names by _ instead of ."
        yield Problem(
            f"{name}{after} is a document of its own, and no rule that is judged", source.file, line, column, hint=hint
        )
    elif statement.call:
        hint = "give the function another name"
        yield Problem(f"{name} is a function, and no rule that is judged", source.file, line, column, hint=hint)
    elif not _HEAD.match(name):
        hint = "a name is deny, violation or warn, and parts of letters and digits joined by _"
        yield Problem(f"{name} is no name of a rule that is judged", source.file, line, column, hint=hint)


def _asked(sources: Sequence[Source], namespaces: Sequence[str]) -> frozenset[str]:
    if EVERY_NAMESPACE in namespaces:
        return frozenset(source.package for source in sources)
    return frozenset(namespaces or (DEFAULT_NAMESPACE,))


def _without_rules(sources: Sequence[Source], asked: frozenset[str], paths: Sequence[str | Path]) -> Invalid:
    others = sorted({source.package for source in sources if any(True for _ in _definitions(source, None, {}))})
    where = ", ".join(map(str, paths))
    return Invalid(
        f"no rule in {where}: package {', '.join(sorted(asked))} has neither deny nor violation nor warn",
        why="a set without a rule judges nothing",
        hint="; ".join(f"--namespace {name}" for name in others)
        or "write `package main` and `deny contains message if {...}`",
    )


def _definitions(source: Source, asked: frozenset[str] | None, notes: dict[int, Annotation]) -> Iterator[Definition]:
    if asked is not None and source.package not in asked:
        return
    for statement in source.rules:
        name = source.words[statement.name]
        if not _HEAD.match(name) or statement.call:
            continue
        yield Definition(source, statement, name, notes.get(statement.first))


def _rules(definitions: Sequence[Definition]) -> tuple[tuple[Rule, ...], dict[str, list[str]]]:
    """The rules by file and line, and by file the copies that their queries need."""
    heads: dict[tuple[str, str], list[Definition]] = {}
    for item in definitions:
        heads.setdefault((item.source.package, item.name), []).append(item)
    rules: list[Rule] = []
    copies: dict[str, list[str]] = {}
    for (package, name), items in heads.items():
        shared = next((i.annotation for i in items if i.annotation and i.annotation.scope == "document"), None)
        # A complete rule has one value whichever definition gives it, and its definitions must agree: it is one rule.
        if len(items) == 1 or any(item.statement.contains < 0 for item in items):
            first = next((item for item in items if not item.statement.default), items[0])
            noted = next((item.annotation for item in items if item.annotation), None)
            rules.append(_rule(first, noted or shared, f"data.{package}.{name}"))
            continue
        for item in items:
            unique = f"{COPY}{sum(map(len, copies.values()))}"
            copies.setdefault(item.source.file, []).append(_copy(item, unique))
            rules.append(_rule(item, item.annotation or shared, f"data.{package}.{unique}"))
    return tuple(sorted(rules, key=lambda rule: (rule.file, rule.line, rule.query))), copies


def _rule(item: Definition, annotation: Annotation | None, query: str) -> Rule:
    kind, _, suffix = item.name.partition("_")
    package = item.source.package
    rule = Rule(
        id=f"{package}.{suffix or kind}",
        kind=Kind(kind),
        namespace=package,
        name=item.name,
        query=_quoted(query),
        file=item.source.file,
        line=item.source.at(item.statement.first)[0],
    )
    if annotation is None:
        return rule
    return replace(rule, id=annotation.text("id") or rule.id, **annotation.fields())


def _quoted(query: str) -> str:
    """A reference whose names are all plain is written with dots, any other with brackets."""
    parts = query.split(".")
    if all(part.isidentifier() for part in parts):
        return query
    return parts[0] + "".join(f'["{part}"]' for part in parts[1:])


def _copy(item: Definition, unique: str) -> str:
    source, statement = item.source, item.statement
    start, end = source.starts[statement.name], source.finish(statement.end - 1)
    line, column = source.at(statement.first)
    text = " " * (column - 1) + unique + source.text[start + len(item.name) : end]
    return f"\n\n# interlock: copy of line {line}\n{text}"


def _with_copies(source: Source, copies: Sequence[str]) -> str:
    return source.text + "".join(copies) + "\n" if copies else source.text


def _exceptions(sources: Sequence[Source], asked: frozenset[str]) -> dict[str, str]:
    return {
        source.package: _quoted(f"data.{source.package}.exception")
        for source in sources
        if source.package in asked and any(source.words[item.name] == "exception" for item in source.rules)
    }


def _tests(sources: Sequence[Source]) -> Iterator[str]:
    seen = set()
    for source in sources:
        for statement in source.rules:
            name = source.words[statement.name]
            if name.startswith("test_") and not statement.call:
                query = _quoted(f"data.{source.package}.{name}")
                if query not in seen:
                    seen.add(query)
                    yield query
