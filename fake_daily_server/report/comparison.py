"""What was expected beside what came nearest, as a table that reads without style and without script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from simulator.compared_field import ComparedField


def comparison(rows: Sequence[ComparedField]) -> Iterator[str]:
    """The table: the fields that differ first, then those that agree, then those of which nothing was expected."""
    yield (
        '<h2 id="nearest">Expected and nearest</h2><div class="wide"><table>'
        '<thead><tr><th scope="col">field</th><th scope="col">expected</th><th scope="col"></th>'
        '<th scope="col">found</th></tr></thead><tbody>\n'
    )
    for row in sorted(rows, key=_rank):
        sign, kind = _SIGNS[_rank(row)]
        yield (
            f'<tr class="{kind}"><th scope="row">{escape(row.field)}</th><td>{_text(row.expected, "anything")}</td>'
            f"<td>{sign}</td><td>{_text(row.found, 'absent')}</td></tr>\n"
        )
    yield "</tbody></table></div>"


_SIGNS = (("≠", "differs"), ("=", "agrees"), ("", "more"))


def _rank(row: ComparedField) -> int:
    return 0 if not row.agrees else 1 if row.expected is not None else 2


def _text(value: str | None, otherwise: str) -> str:
    return f"<i>{otherwise}</i>" if value is None else f"<code>{escape(value)}</code>"
