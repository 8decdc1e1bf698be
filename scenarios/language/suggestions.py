"""Suggestions for an unknown word: the most similar known word, and the list of known words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST_LIST = 16
"""Longest list of known words beside the nearest one; with more, only the nearest is suggested."""


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """The word most similar to `word`, ignoring case; None if none is similar."""
    by_lower = {each.lower(): each for each in words}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def suggestion(word: str, words: Iterable[str], *, label: str = "allowed") -> str:
    """The end of an error text: `; did you mean 'x'? Allowed: x, y`, or `; allowed: x, y` if no word is similar."""
    known = list(words)
    rest = f"{label}: {joined(known, last='and') or 'nothing'}"
    nearest = nearest_word(word, known)
    if nearest and len(known) > _LONGEST_LIST:
        return f"; did you mean {nearest!r}?"
    return f"; did you mean {nearest!r}? {rest[0].upper()}{rest[1:]}" if nearest else f"; {rest}"


def joined(words: Iterable[str], *, last: str = "or") -> str:
    """The words as an enumeration: `a, b or c`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} {last} {all_words[-1]}"
