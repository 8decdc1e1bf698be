"""Colours for text on a terminal."""

from __future__ import annotations

BOLD, DIM, RED, GREEN, CYAN = 1, 2, 31, 32, 36
"""SGR codes (ECMA-48 §8.3.117)."""


class Style:
    """Applies ANSI colours to text, or leaves it plain."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def __call__(self, text: str, *codes: int) -> str:
        """Return `text` with these SGR codes, or unchanged without colours."""
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m" if self._colours and codes else text
