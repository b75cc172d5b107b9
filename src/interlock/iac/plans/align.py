"""Which items of two lists belong together. Pure.

Rules: equal items belong together in order; between those, items that have most in common do, and what has nothing in
common goes by position; the work is bounded, longer lists go by position alone.
"""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from interlock.iac.plans.values import same

MATCH_LIMIT, LIKENESS_LIMIT = 40_000, 400
"""Largest products of two lists' lengths that are matched by equality, and by likeness."""
Pair = tuple[int | None, int | None]


def aligned(old: Sequence[str], new: Sequence[str], alike: Callable[[int, int], int]) -> Iterator[Pair]:
    """Pairs of positions of two lists, None where a side has no partner.

    Args:
        old: a text for each item of the old list, equal where the items are.
        new: likewise of the new list.
        alike: how much the items at two positions have in common.
    """
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        yield start, start
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    yield from _middle(old, new, start, end, alike)
    yield from ((len(old) - i, len(new) - i) for i in range(end, 0, -1))


def _middle(
    old: Sequence[str], new: Sequence[str], start: int, end: int, alike: Callable[[int, int], int]
) -> Iterator[Pair]:
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if len(left) * len(right) > MATCH_LIMIT:
        blocks = [("replace", 0, len(left), 0, len(right))]
    else:
        blocks = list(SequenceMatcher(None, left, right, autojunk=False).get_opcodes())
    for kind, i1, i2, j1, j2 in blocks:
        olds, news = range(start + i1, start + i2), range(start + j1, start + j2)
        if kind == "replace" and len(olds) * len(news) <= LIKENESS_LIMIT:
            yield from _paired(olds, news, alike)
        else:
            for k in range(max(len(olds), len(news))):
                yield (olds[k] if k < len(olds) else None), (news[k] if k < len(news) else None)


def _paired(olds: range, news: range, alike: Callable[[int, int], int]) -> Iterator[Pair]:
    ranked = sorted((-alike(i, j), abs(x - y), i, j) for x, i in enumerate(olds) for y, j in enumerate(news))
    partner: dict[int, int] = {}
    for _, _, i, j in ranked:
        if i not in partner and j not in partner.values():
            partner[i] = j
    taken = set(partner.values())
    pairs: list[Pair] = [(i, partner.get(i)) for i in olds]
    pairs += [(None, j) for j in news if j not in taken]
    yield from sorted(pairs, key=lambda pair: (pair[0] or 0) if pair[1] is None else pair[1])


def likeness(old: Any, new: Any) -> int:
    """How many members of two objects are equal, empty ones not counted; 0 for all else."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return 0
    return sum(1 for key, value in old.items() if value not in (None, "", [], {}) and same(value, new.get(key)))
