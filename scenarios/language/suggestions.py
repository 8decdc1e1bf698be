"""What to write instead of an unknown word: the nearest known word, and the list of known ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST_LIST = 16
"""How many known words are listed beside the nearest one; of more than that only the nearest one is named."""


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that is most similar to `word`, in any case; None when none is similar."""
    by_lower = {each.lower(): each for each in words}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def suggestion(word: str, words: Iterable[str], *, label: str = "allowed") -> str:
    """`; did you mean 'x'? Allowed: x, y`, or `; allowed: x, y` when no known word is similar."""
    known = list(words)
    rest = f"{label}: {joined(known, last='and') or 'nothing'}"
    nearest = nearest_word(word, known)
    if nearest and len(known) > _LONGEST_LIST:
        return f"; did you mean {nearest!r}?"
    return f"; did you mean {nearest!r}? {rest[0].upper()}{rest[1:]}" if nearest else f"; {rest}"


def joined(words: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} {last} {all_words[-1]}"
