"""Taking secrets out of what is shown: known ones everywhere, marked ones in their place, guessed ones by their name.

Rules: a text is cleaned before it is parsed, cut or compared for display; ``name=value`` in a text that is no document
loses its value where the name tells a secret; masking is idempotent and never fails on content.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from interlock.iac.plans.model import Values
from interlock.iac.plans.secrets import secret_name
from interlock.iac.plans.values import DEPTH_LIMIT, Leaf, Path, marked, shown, tag
from interlock.kernel.errors import Invalid
from interlock.platform.redact import MASK, Redactor

_NAMED = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{1,80})["']?[ \t]*[:=][ \t]*""")
_VALUE = re.compile(r""""(?:[^"\\\n]|\\.)+"|'[^'\n]+'|[^\s"',;&]+""")


class Clean:
    """Takes known secrets out of texts and values.

    Args:
        redactors: of every file that the texts come from.
    """

    def __init__(self, *redactors: Redactor) -> None:
        self._redactors = tuple(redactor for redactor in redactors if redactor)

    def text(self, text: str) -> str:
        """The text with every known secret masked."""
        for redactor in self._redactors:
            text = redactor.text(text)
        return text

    def leaf(self, value: Any) -> Any:
        """A scalar with secrets masked; one that is a secret as a whole, numbers included, is `Leaf.SENSITIVE`."""
        if isinstance(value, str):
            text = self.text(value)
            return Leaf.SENSITIVE if text == MASK != value else text
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            text = str(value)
            return value if self.text(text) == text else Leaf.SENSITIVE
        return value

    def path(self, path: Path) -> Path:
        """A path with secrets masked in its keys."""
        return tuple(self.text(step) if isinstance(step, str) else step for step in path)

    def tree(self, value: Any) -> Any:
        """A JSON value, keys included, with every secret masked."""
        if isinstance(value, dict):
            return {self.text(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return self.leaf(value)


def assignments(text: str) -> str:
    """The text without what it assigns to a secret name: ``PASSWORD=...``, ``"api_key": "..."``, ``?token=...``."""
    parts, done = [], 0
    for name in _NAMED.finditer(text):
        value = _VALUE.match(text, name.end()) if name.end() >= done and secret_name(name[1]) else None
        if value is not None:
            parts += [text[done : name.end()], MASK]
            done = value.end()
    return "".join([*parts, text[done:]])


def masked(value: Any, secret: Any) -> Any:
    """A tree with `Leaf.SENSITIVE` wherever the marks say so.

    Raises:
        Invalid: nested deeper than `values.DEPTH_LIMIT`.
    """
    tag(value)
    return shown(Values(before=value, after=None, before_sensitive=secret))[0]


def below(marks: Any, step: Any) -> Any:
    """The marks one step down; marks of another shape than the value cover all of it."""
    if isinstance(marks, dict) and isinstance(step, str):
        return marks.get(step)
    if isinstance(marks, list) and isinstance(step, int):
        return marks[step] if step < len(marks) else None
    return marked(marks)


def nested_too_deeply(value: Any) -> bool:
    """Whether a JSON value has more than `values.DEPTH_LIMIT` levels; found without recursion."""
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        level = [item for part in level for item in _parts(part)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def too_deep() -> Invalid:
    """The refusal of a value that is nested too deeply."""
    return Invalid(
        f"a value is nested deeper than {DEPTH_LIMIT} levels",
        why="no provider's type is; such a plan is damaged or hostile",
    )
