"""Finds digits that YAML has cut off: in `press: 12 #` the `#` begins a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import YamlSource

_DIGIT_FIELDS = ("press", "hears", "dtmf", "tones", "expect_in_band", "tone", "extension")
_DIGITS = re.compile(r"\s*(#[0-9A-Da-d*#,\s]*)")
"""The rest of a line that begins with `#` and continues with nothing but digits."""


def check_digits_are_whole(source: YamlSource) -> Iterator[Problem]:
    """Report each field for digits whose comment looks like further digits."""
    for path, text in source.texts():
        if path[-1] in _DIGIT_FIELDS and text != path[-1] and (rest := _DIGITS.fullmatch(source.rest_of_line(path))):
            whole = f'"{text}{rest[1].strip()}"'
            cut = f"YAML takes {rest[1].strip()!r} for a comment; write {whole}"
            yield source.problem(path, cut)
