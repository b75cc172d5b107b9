"""What differs between the two sides of one change, as people read it: by structure, aligned, masked. Pure.

Rules: everything that leaves here is masked: by the plan's marks, by names that tell a secret, and by what is known as
secret anywhere in the file; two texts are masked before they are parsed or cut, and what differs only in what is masked
is said to differ; no difference in meaning vanishes, but for ``null`` among the parts of a new or gone block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from interlock.iac.plans.align import aligned, likeness
from interlock.iac.plans.clean import Clean, assignments, below, masked, nested_too_deeply, too_deep
from interlock.iac.plans.embedded import document_marks, documents
from interlock.iac.plans.model import Values
from interlock.iac.plans.text import compact, only_whitespace
from interlock.iac.plans.values import DEPTH_LIMIT, Leaf, Path, lay, marked, same, tag, union

SECRET_PART = "differs in a sensitive part"  # noqa: S105 - words for people
NESTED = 3
"""Documents within documents that are opened."""
_ABSENT = (Leaf.MISSING, None)


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs, masked.

    Attributes:
        path: of the attribute, from the top of the resource.
        before, after: JSON values or a `Leaf`.
        inside: the place within the document that the attribute's string holds.
        syntax: ``JSON YAML HCL`` when the attribute's string is a document, else empty.
        note: what the two sides alone do not say.
        forces: whether it forces the replacement.
    """

    path: Path
    before: Any
    after: Any
    inside: Path = ()
    syntax: str = ""
    note: str = ""
    forces: bool = False

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        if self.before is Leaf.MISSING:
            return "added"
        return "removed" if self.after is Leaf.MISSING else "changed"

    @property
    def multiline(self) -> bool:
        """Whether a side is a text of more than one line."""
        return any(isinstance(side, str) and "\n" in side.strip("\n") for side in (self.before, self.after))

    @property
    def formatting(self) -> bool:
        """Whether the document means the same and is only written in another way."""
        return bool(self.syntax) and self.note.startswith(f"same {self.syntax},")

    @property
    def secret(self) -> bool:
        """Whether a side is masked as a whole."""
        return self.before is Leaf.SENSITIVE or self.after is Leaf.SENSITIVE


def changes(values: Values, clean: Clean, forcing: Iterable[Path] = ()) -> Iterator[Change]:
    """Every place where the sides of one change differ, in path order; secrets that stay the same are left out.

    Args:
        values: in clear.
        clean: what is known as secret in the file.
        forcing: the paths that force replacement.

    Raises:
        Invalid: a value is nested deeper than `values.DEPTH_LIMIT`.
    """
    if nested_too_deeply(values.before) or nested_too_deeply(values.after):
        raise too_deep()
    after = lay(values.after, values.unknown, Leaf.UNKNOWN)
    secret = union(values.before_sensitive, values.after_sensitive)
    secret = union(secret, union(document_marks(values.before), document_marks(values.after)))
    paths = [tuple(path) for path in forcing]
    for change in _Walk(clean).sides((), values.before, after, secret):
        yield replace(
            change,
            path=clean.path(change.path),
            inside=clean.path(change.inside),
            forces=any(_touches(change.path, path) for path in paths),
        )


def _touches(path: Path, forcing: Path) -> bool:
    shortest = min(len(path), len(forcing))
    return path[:shortest] == forcing[:shortest]


class _Walk:
    """One comparison of two trees; ``level`` counts the documents around them."""

    def __init__(self, clean: Clean, level: int = 0) -> None:
        self._clean = clean
        self._level = level

    def sides(self, path: Path, before: Any, after: Any, secret: Any) -> Iterator[Change]:
        if len(path) > DEPTH_LIMIT:
            raise too_deep()
        if len(path) == 1 and same(before, after):
            return
        if secret is True:
            if not same(before, after):
                yield Change(path, _hidden(before), _hidden(after))
        elif isinstance(before, dict) and isinstance(after, dict):
            for key in sorted({*before, *after}):
                old, new = before.get(key, Leaf.MISSING), after.get(key, Leaf.MISSING)
                yield from self.sides((*path, key), old, new, below(secret, key))
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._lists(path, before, after, secret)
        elif isinstance(before, dict | list) or isinstance(after, dict | list):
            yield from self._unlike(path, before, after, secret)
        elif not same(before, after):
            yield from self._leaves(path, before, after)

    def _unlike(self, path: Path, before: Any, after: Any, secret: Any) -> Iterator[Change]:
        """A container against none: its leaves go or appear one by one; an empty one stands for itself."""
        if after is Leaf.UNKNOWN:
            yield Change(path, self._clean.tree(masked(before, secret)), after)
            return
        for side, gone in ((before, True), (after, False)):
            if isinstance(side, dict | list) and side:
                for step, item in _items(side):
                    if item is not None:
                        old, new = (item, Leaf.MISSING) if gone else (Leaf.MISSING, item)
                        yield from self.sides((*path, step), old, new, below(secret, step))
            elif side not in _ABSENT:
                yield from self._leaves(path, side, Leaf.MISSING) if gone else self._leaves(path, Leaf.MISSING, side)

    def _lists(self, path: Path, before: list[Any], after: list[Any], secret: Any) -> Iterator[Change]:
        # Alignment sees masked items only, so that it tells nothing of secrets.
        old_items, new_items = ([masked(x, below(secret, i)) for i, x in enumerate(s)] for s in (before, after))
        old_keys, new_keys = ([compact(tag(item)) for item in items] for items in (old_items, new_items))
        if old_keys != new_keys and sorted(old_keys) == sorted(new_keys):
            yield Change(
                path, self._clean.tree(old_items), self._clean.tree(new_items), note="same items in another order"
            )
            return
        for i, j in aligned(old_keys, new_keys, lambda i, j: likeness(old_items[i], new_items[j])):
            old = Leaf.MISSING if i is None else before[i]
            new = Leaf.MISSING if j is None else after[j]
            marks = union(i is not None and below(secret, i), j is not None and below(secret, j))
            step = i if j is None else j
            whole = "item added" if i is None else "item removed" if j is None else ""
            for n, change in enumerate(self.sides((*path, step or 0), old, new, marks)):
                # The index of a removed item is that of the old list, so it is said that it is one.
                yield replace(change, note=change.note or ("" if n else whole))

    def _leaves(self, path: Path, before: Any, after: Any) -> Iterator[Change]:
        old, new = self._clean.leaf(before), self._clean.leaf(after)
        texts = [side if isinstance(side, str) else Leaf.MISSING for side in (old, new)]
        others = [side for side in (old, new) if not isinstance(side, str) and side not in _ABSENT]
        found = documents(*texts) if self._level < NESTED and not others and texts != [Leaf.MISSING] * 2 else None
        if found is not None:
            yield from self._documents(path, before, after, found)
            return
        old, new = self._text(old), self._text(new)
        both = isinstance(old, str) and isinstance(new, str)
        note = SECRET_PART if both and old == new else ""
        if both and only_whitespace(old, new):
            note = "only whitespace differs"
        yield Change(path, old, new, note=note)

    def _text(self, side: Any) -> Any:
        """A side that is shown as it stands: what it names as secret is taken out first."""
        if not isinstance(side, str):
            return side
        found = documents(side, Leaf.MISSING)
        marks = document_marks(found[1]) if found else False
        return compact(masked(found[1], marks)) if found and marked(marks) else assignments(side)

    def _documents(self, path: Path, before: Any, after: Any, found: tuple[str, Any, Any]) -> Iterator[Change]:
        language, old, new = found
        marks = union(document_marks(old), document_marks(new))
        nothing = True
        for change in _Walk(self._clean, self._level + 1).sides((), old, new, marks):
            nothing = False
            syntax = change.syntax or language
            yield replace(change, path=path, inside=(*change.path, *change.inside), syntax=syntax)
        if nothing:
            shown = [self._text(self._clean.leaf(side)) for side in (before, after)]
            yield Change(path, shown[0], shown[1], syntax=language, note=_formatting(language, before, after))


def _items(container: Any) -> Iterable[tuple[Any, Any]]:
    return sorted(container.items()) if isinstance(container, dict) else enumerate(container)


def _hidden(side: Any) -> Any:
    return side if side in _ABSENT else Leaf.SENSITIVE


def _formatting(language: str, before: Any, after: Any) -> str:
    """Why two documents of equal, masked trees differ as texts; judged by the clear texts, told without them."""
    clear = documents(before, after)
    if clear is None or not same(clear[1], clear[2]):
        return SECRET_PART
    return f"same {language}, only formatting{'' if language == 'JSON' else ' or comments'} differs"
