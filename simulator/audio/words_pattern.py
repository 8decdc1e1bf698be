"""The words that are expected in a transcription: a text, or a regular expression between slashes."""

from __future__ import annotations

from typing import Any

import re2

from simulator.errors import ConfigurationError


def words_pattern(words: str) -> Any:
    """Return a compiled pattern for a text in any case, for `/pattern/`, or for `/pattern/i` in any case (RE2 syntax).

    Raises ConfigurationError for a blank text, and for a pattern that cannot be compiled.
    """
    is_pattern = len(words) > 2 and words.startswith("/") and words.endswith(("/", "/i"))
    text = words[1:].rpartition("/")[0] if is_pattern else re2.escape(words)
    if not text.strip():
        raise ConfigurationError("words", words, "a text, or a pattern such as /appointment/i")
    options = re2.Options()
    options.case_sensitive = is_pattern and not words.endswith("i")
    options.log_errors = False
    try:
        return re2.compile(text, options=options)
    except re2.error as wrong:
        raise ConfigurationError("words", words, f"a pattern in the syntax of RE2 ({wrong})") from None
