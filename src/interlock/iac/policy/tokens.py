"""Rego text as words and statements: what the linter, the rewriters and the rule finder look at.

Rules: nothing is evaluated and nothing is guessed: a text whose strings or brackets do not close is a `Problem`, what
is merely unusual is left to the engine's own parser; offsets are those of the text as given; a parse is kept for as
long as the same text is asked for, since several passes read it. Grammar: OPA 1.x, where two terms cannot stand side
by side within a statement, so that a term followed by a name begins the next one.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate

from interlock.kernel.errors import Problem

_WORD = re.compile(
    r"[ \t\r\n]+|#[^\n]*|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    r'|"(?:[^"\\\n]|\\.)*"|`[^`]*`|\$"(?:[^"\\\n{]|\\.|\{[^}\n]*\})*"|\$`(?:[^`{]|\{[^}]*\})*`|[:!=<>]=|.',
    re.DOTALL,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_BRACKETS = frozenset("()[]{}")
_BLANK = frozenset(" \t\r\n#")
_CONTINUES = frozenset({"as", "contains", "if", "else", "in", "with"})
_OPEN_ENDED = _CONTINUES | {"not", "some", "every", "default", "package", "import"}
KEYWORDS = _OPEN_ENDED | {"null", "true", "false"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement, as ranges of word numbers.

    Attributes:
        kind: ``package``, ``import`` or ``rule``.
        first, end: its words; ``end`` is the first that is no longer its own.
        name: where the head begins; for a package or import, its path.
        head: the first word after the head's reference.
        call: the head has arguments, so it defines a function.
        default: it begins with ``default``.
        contains: where that keyword stands, -1 without.
        value: where ``:=`` or ``=`` of the head stands, -1 without.
        bodies: the opening braces of its bodies, the chained ones (``{...} {...}``) included.
        chained: those of them that follow another body directly.
        old: where a body begins without ``if``, which only Rego v0 knows; -1 when nowhere.
        alternatives: it has an ``else``.
    """

    kind: str
    first: int
    end: int
    name: int
    head: int
    call: bool = False
    default: bool = False
    contains: int = -1
    value: int = -1
    bodies: tuple[int, ...] = ()
    chained: tuple[int, ...] = ()
    old: int = -1
    alternatives: bool = False


@dataclass(frozen=True)
class Source:
    """A Rego text in words.

    Attributes:
        file: the name shown to people.
        text: the text itself.
        words: its words without blanks and comments.
        starts: the offset of each word.
        partner: for each bracket the word number of the other one.
        statements: the top-level statements; empty when there are problems.
        problems: strings and brackets that do not close.
    """

    file: str
    text: str
    words: list[str]
    starts: list[int]
    partner: dict[int, int]
    statements: list[Statement]
    problems: tuple[Problem, ...] = field(default=())

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column (1-based, in characters) of an offset."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - (self.text.rfind("\n", 0, offset) + 1) + 1

    def at(self, word: int) -> tuple[int, int]:
        """Line and column of a word; of the end of the text when there is no such word."""
        return self.place(self.starts[word] if word < len(self.starts) else len(self.text))

    def finish(self, word: int) -> int:
        """The offset after a word."""
        return self.starts[word] + len(self.words[word])

    def joined(self, word: int) -> bool:
        """Whether a word follows the one before it without a blank."""
        return word > 0 and self.starts[word] == self.finish(word - 1)

    def word_at(self, offset: int) -> int:
        """The number of the first word that begins at or after an offset."""
        return bisect_right(self.starts, offset - 1)

    def statement_of(self, word: int) -> Statement:
        """The statement that holds a word."""
        firsts = self._firsts
        return self.statements[max(bisect_right(firsts, word) - 1, 0)]

    @cached_property
    def _firsts(self) -> list[int]:
        return [statement.first for statement in self.statements]

    def path(self, word: int) -> tuple[tuple[str, ...], int]:
        """The names of a reference that begins at a word, and the word after: ``a.b["c"]`` gives a, b, c."""
        names = [self.words[word]]
        word += 1
        while word < len(self.words) and self.joined(word):
            if self.words[word] == "." and word + 1 < len(self.words):
                names.append(self.words[word + 1])
                word += 2
            elif self.words[word] == "[" and self.partner[word] == word + 2 and self.words[word + 1][0] in '"`':
                names.append(unquote(self.words[word + 1]))
                word += 3
            else:
                break
        return tuple(names), word

    @cached_property
    def package(self) -> str:
        """The package path with dots; empty when none is declared."""
        for statement in self.statements:
            if statement.kind == "package":
                return ".".join(self.path(statement.name)[0])
        return ""

    @cached_property
    def imports(self) -> dict[str, tuple[str, ...]]:
        """What each imported name stands for, such as ``{"plan": ("data", "lib", "plan")}``."""
        found = {}
        for statement in self.statements:
            if statement.kind == "import":
                path, after = self.path(statement.name)
                alias = self.words[after + 1] if after < statement.end - 1 and self.words[after] == "as" else path[-1]
                if path[0] in {"data", "input"}:
                    found[alias] = path
        return found

    @cached_property
    def rules(self) -> list[Statement]:
        """The statements that define rules and functions."""
        return [statement for statement in self.statements if statement.kind == "rule"]


def unquote(word: str) -> str:
    """The value of a string word; a word with an invalid escape stands for itself."""
    if word[0] == "`":
        return word[1:-1]
    if "\\" not in word:
        return word[1:-1]
    import json  # noqa: PLC0415 - only names with escapes need it

    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word


def is_name(word: str) -> bool:
    """Whether a word is a name or keyword."""
    return word.isidentifier()


@lru_cache(maxsize=4096)
def parse(file: str, text: str) -> Source:
    """Cut a text into words and statements."""
    pieces = _WORD.findall(text)
    offsets = list(accumulate(map(len, pieces), initial=0))
    kept = [index for index, piece in enumerate(pieces) if piece[0] not in _BLANK]
    words = [pieces[index] for index in kept]
    starts = [offsets[index] for index in kept]
    partner, wrong = _pair(words)
    wrong += [(index, "the string does not end") for index, word in enumerate(words) if word in {'"', "`"}]
    if wrong:
        problems = tuple(_problem(file, text, starts[index], message) for index, message in sorted(wrong))
        return Source(file, text, words, starts, partner, [], problems)
    return Source(file, text, words, starts, partner, _statements(words, starts, partner))


def _problem(file: str, text: str, offset: int, message: str) -> Problem:
    line = text.count("\n", 0, offset) + 1
    return Problem(message, file, line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _pair(words: list[str]) -> tuple[dict[int, int], list[tuple[int, str]]]:
    partner: dict[int, int] = {}
    wrong: list[tuple[int, str]] = []
    waiting: list[int] = []
    for index in [index for index, word in enumerate(words) if word in _BRACKETS]:
        opening = _CLOSES.get(words[index])
        if opening is None:
            waiting.append(index)
        elif waiting and words[waiting[-1]] == opening:
            start = waiting.pop()
            partner[start] = index
            partner[index] = start
        else:
            wrong.append((index, f"{words[index]} closes nothing"))
            break
    else:
        wrong += [(index, f"{words[index]} is never closed") for index in waiting[-1:]]
    return partner, wrong


def _statements(words: list[str], starts: list[int], partner: dict[int, int]) -> list[Statement]:
    found = []
    first, count = 0, len(words)
    while first < count:
        outline = _outline(words, partner, first)
        end = outline[-1] + 1 if words[outline[-1]] not in "([{" else partner[outline[-1]] + 1
        word = words[first]
        if word in {"package", "import"} and len(outline) > 1:
            found.append(Statement(word, first, end, first + 1, first + 1))
        else:
            found.append(_rule(words, starts, partner, outline, end))
        first = end
    return found


def _outline(words: list[str], partner: dict[int, int], first: int) -> list[int]:
    """The words of a statement that stand outside of brackets; an opening bracket stands for its group."""
    outline = []
    index, count, ended = first, len(words), False
    while index < count:
        word = words[index]
        if ended and word not in _CONTINUES and word.isidentifier():
            break
        outline.append(index)
        if word in "([{":
            index, ended = partner[index] + 1, True
            continue
        if word.isidentifier():
            ended = word not in _OPEN_ENDED or (index > first and words[index - 1] == ".")
        else:
            ended = word[0] in '"`$0123456789'
        index += 1
    return outline


def _rule(words: list[str], starts: list[int], partner: dict[int, int], outline: list[int], end: int) -> Statement:
    first = outline[0]
    default = words[first] == "default" and len(outline) > 1
    spot = 1 if default else 0
    name = outline[spot]
    spot, call = _reference(words, starts, partner, outline, spot + 1)
    head = outline[spot] if spot < len(outline) else end
    contains = value = old = -1
    bodies: list[int] = []
    chained: list[int] = []
    conditional = alternatives = False
    for index, before in zip(outline[spot:], outline[spot - 1 :], strict=False):
        word, previous = words[index], words[before]
        if word == "contains" and index == head:
            contains = index
        elif word in {":=", "="} and value < 0 and not conditional:
            value = index
        elif word == "if":
            conditional = True
        elif word == "else":
            conditional, alternatives = False, True
        elif word == "{":
            if previous == "if":
                bodies.append(index)
            elif bodies and before == bodies[-1]:
                bodies.append(index)
                chained.append(index)
            elif not conditional and (previous == "else" or _ends(previous)):
                old = index if old < 0 else old
                bodies.append(index)
    return Statement(
        "rule", first, end, name, head, call, default, contains, value, tuple(bodies), tuple(chained), old, alternatives
    )


def _reference(
    words: list[str], starts: list[int], partner: dict[int, int], outline: list[int], spot: int
) -> tuple[int, bool]:
    """Where the head's reference ends in the outline, and whether arguments follow it."""
    call = False
    while spot < len(outline):
        index = outline[spot]
        word = words[index]
        touches = starts[index] == starts[index - 1] + len(words[index - 1])
        if word == "." and touches and spot + 1 < len(outline):
            spot += 2
        elif word in "([" and touches:
            call = call or word == "("
            spot += 1
        else:
            break
    return spot, call


def _ends(word: str) -> bool:
    """Whether a word outside of brackets can end a term; an opening bracket stands for its group."""
    return word in "([{" or (word.isidentifier() and word not in _OPEN_ENDED) or word[0] in '"`$0123456789'
