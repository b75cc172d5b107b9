"""Redaction: known secret values are taken out of every text before it leaves.

Rules: what is known as secret is replaced wherever it occurs, also inside longer texts and in the common encodings of
it (JSON string, URL, base64); longer secrets go first, so that no remainder shows; a value shorter than four
characters is replaced only where it stands as a whole, since "1" occurs in every line and hides nothing.
"""

import base64
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "(sensitive)"
SHORTEST = 4


def encodings(secret: str) -> set[str]:
    """The forms in which a secret travels: itself, escaped as JSON, in a URL, in base64 (also without padding)."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        forms |= {encoded.decode(), encoded.decode().rstrip("=")}
    return {form for form in forms if len(form) >= SHORTEST}


class Redactor:
    """Replaces known secrets by ``(sensitive)``; holds them, so it is never printed, pickled or logged.

    Args:
        secrets: the values as text; empty ones are ignored.
    """

    __slots__ = ("_pattern", "_whole")

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {secret for secret in secrets if secret}
        self._whole = frozenset(values)
        forms: set[str] = set()
        for value in values:
            if len(value) >= SHORTEST:
                forms |= encodings(value)
                forms |= {line.strip() for line in value.splitlines() if len(line.strip()) >= 2 * SHORTEST}
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __repr__(self) -> str:
        return f"Redactor({len(self._whole)} secrets)"

    def __bool__(self) -> bool:
        return bool(self._whole)

    def text(self, text: str) -> str:
        """The text with every known secret masked."""
        if text in self._whole:
            return MASK
        return self._pattern.sub(MASK, text) if self._pattern else text

    def tree(self, value: Any) -> Any:
        """A JSON value with every string (and key) masked, and numbers that are secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in self._whole:
            return MASK
        return value
