"""SVG with presentation attributes only, which is drawn also where a page may have no style and no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fake_daily_server.report.lanes import Lane
from fake_daily_server.report.step import Step

_COLUMN_WIDTH = 190
_MARGIN = 95
_ROW_HEIGHT = 30
_LONGEST_LABEL = 58
_COLOURS = {
    "sip": "#1f6feb",
    "event": "#1a7f37",
    "webhook": "#8250df",
    "client": "#9a6700",
    "rest": "#9a6700",
    "phone": "#bc4c00",
    "digit": "#bf3989",
}
_OTHER = "#6e7781"
_LANE_HEIGHT, _LANE_NAMES, _LANE_WIDTH = 30, 210, 830


def ladder_width(columns: Sequence[str]) -> int:
    """Width of the drawings of the ladder's rows, in pixels."""
    return 2 * _MARGIN + _COLUMN_WIDTH * max(len(columns) - 1, 1) + 60


def head(columns: Sequence[str]) -> str:
    """The names of the columns."""
    names = "".join(
        f'<text x="{_x(index)}" y="18" text-anchor="middle" font-size="13" font-weight="bold" fill="currentColor">'
        f"{escape(_short(name, 26))}</text>"
        for index, name in enumerate(columns)
    )
    return _svg(ladder_width(columns), 26, names)


def row(step: Step, columns: Sequence[str]) -> str:
    """One row: the lifelines, and an arrow or a point with its label."""
    colour = _COLOURS.get(step.kind, _OTHER)
    lines = "".join(
        f'<line x1="{_x(index)}" y1="0" x2="{_x(index)}" y2="{_ROW_HEIGHT}" stroke="#afb8c1" stroke-width="1"/>'
        for index in range(len(columns))
    )
    drawn = _arrow(step, columns, colour) if step.target else _point(step, columns, colour)
    return _svg(ladder_width(columns), _ROW_HEIGHT, lines + drawn)


def _arrow(step: Step, columns: Sequence[str], colour: str) -> str:
    begin, end = _x(columns.index(step.source)), _x(columns.index(step.target or step.source))
    if begin == end:
        return _point(step, columns, colour)
    way = 1 if end > begin else -1
    points = f"{end},22 {end - 8 * way},18 {end - 8 * way},26"
    return (
        f'<line x1="{begin}" y1="22" x2="{end - 6 * way}" y2="22" stroke="{colour}" stroke-width="1.5"/>'
        f'<polygon points="{points}" fill="{colour}"/>' + _text((begin + end) // 2, 15, step.label, "middle", colour)
    )


def _point(step: Step, columns: Sequence[str], colour: str) -> str:
    x = _x(columns.index(step.source))
    at_the_right = x > ladder_width(columns) * 0.6
    anchor, place = ("end", x - 9) if at_the_right else ("start", x + 9)
    return f'<circle cx="{x}" cy="16" r="4" fill="{colour}"/>' + _text(place, 20, step.label, anchor, colour)


def picture_of(lanes: Sequence[Lane], begins: float, ends: float) -> str:
    """All lanes on one clock, with the seconds below them."""
    scale = _LANE_WIDTH / max(ends - begins, 0.001)

    def place(at: float) -> float:
        return round(_LANE_NAMES + (at - begins) * scale, 1)

    drawn: list[str] = []
    for index, lane in enumerate(lanes):
        top = index * _LANE_HEIGHT
        drawn.append(_text(_LANE_NAMES - 10, top + 20, lane.name, "end", "currentColor"))
        for span in lane.spans:
            width = max(place(span.ends) - place(span.begins), 2)
            drawn.append(
                f'<rect x="{place(span.begins)}" y="{top + 6}" width="{width:.1f}" height="18" rx="3" fill="#54aeff" '
                f'fill-opacity="0.35"><title>{escape(span.label)}</title></rect>'
                + _text(place(span.begins) + 4, top + 20, span.label, "start", "currentColor")
            )
        for mark in lane.marks:
            x = place(mark.at)
            drawn.append(
                f'<line x1="{x}" y1="{top + 4}" x2="{x}" y2="{top + 26}" stroke="#bf3989" stroke-width="2">'
                f"<title>{escape(mark.label)}</title></line>" + _label_of_mark(x, top + 19, mark.label)
            )
    bottom = len(lanes) * _LANE_HEIGHT
    for tick in range(6):
        at = begins + (ends - begins) * tick / 5
        drawn.append(_text(place(at), bottom + 16, f"+{at - begins:.2f} s", "middle", _OTHER))
    return _svg(_LANE_NAMES + _LANE_WIDTH + 60, bottom + 24, "".join(drawn))


def _label_of_mark(x: float, y: int, label: str) -> str:
    at_the_end = x > _LANE_NAMES + _LANE_WIDTH * 0.85
    return _text(x - 4 if at_the_end else x + 4, y, label, "end" if at_the_end else "start", "#bf3989")


def _x(column: int) -> int:
    return _MARGIN + column * _COLUMN_WIDTH


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" font-family="sans-serif" fill="{colour}">'
        f"{escape(_short(text, _LONGEST_LABEL))}</text>"
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _svg(width: int, height: int, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="presentation">{inside}</svg>'
    )
