"""Charts as files that people take away: PNG, and a PDF of one page; drawn by vl-convert in a process of its own.

The engine in it takes 150 MB, which the pages must not hold: ``python -m dtc_dashboard.parts.pictures`` reads a request as JSON and
writes the file.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from dtc_dashboard.errors import DrawingError
from dtc_dashboard.parts.charts import Spec

Format = Literal["png", "pdf"]
FORMATS: Final[Mapping[str, str]] = {"png": "image/png", "pdf": "application/pdf"}
"""Media types by format."""
CHART_WIDTH: Final = 640
_FONT: Final = "DejaVu Sans"
"""Matplotlib carries it, so that pictures have letters, and look alike, wherever they are made; an image may have no font at all."""
_SECONDS: Final = 60
_PAGE: Final = (744, 1052)
"""A4 in points of 1/90 inch."""
_LINE_CHARACTERS: Final = 80
_MARGIN: Final = 62
_ROW: Final = 20
"""Height of a row of the table."""
_COLUMN: Final = 122
"""Width of its columns but the first, which has what is left."""
_CELL_CHARACTERS: Final = (20, 16)
"""Most characters in a cell of the first column, and of another one."""
_HEIGHT: Final = re.compile(r'<svg[^>]*\bheight="([\d.]+)"')

Rows = Sequence[Sequence[str]]


def draw(spec: Spec, kind: Format, heading: str, lines: Sequence[str], table: Rows = ()) -> bytes:
    """Return a chart as a file; on the PDF's page stand a heading and lines of text above it, and a table below.

    The first row of the table holds the headings; rows for which the page has no room are left out.

    Raises
    ------
    DrawingError
        If it cannot be drawn.
    """
    request = json.dumps(
        {"spec": spec, "kind": kind, "heading": heading, "lines": [*lines], "table": [*table]}
    ).encode()
    command = [sys.executable, "-m", "dtc_dashboard.parts.pictures"]
    try:
        drawn = subprocess.run(  # noqa: S603 - our own module
            command, input=request, capture_output=True, timeout=_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise DrawingError(
            f"the picture cannot be drawn ({type(error).__name__}): the numbers are on the page"
        ) from error
    return drawn.stdout


def page_svg(chart: str, heading: str, lines: Sequence[str], table: Rows = ()) -> str:
    """Return a page of A4 as SVG: heading, lines, and below them a chart, which is SVG too, and the table as far as there is room."""
    width, height = _PAGE
    wrapped = [part for line in lines for part in _wrapped(line)]
    texts = [
        f'<text x="{_MARGIN}" y="{122 + 22 * place}" font-size="14">{escape(line)}</text>'
        for place, line in enumerate(wrapped)
    ]
    top = 150 + 22 * len(wrapped)
    body = f'<g transform="translate(48 {top})">{chart}</g>'
    drawn = _HEIGHT.match(chart)
    below = _table_svg(table, top + 40 + (float(drawn[1]) if drawn else 0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="{_FONT}" fill="#1f2933">'
        f'<rect width="{width}" height="{height}" fill="#fff"/><rect width="{width}" height="14" fill="#0b2a45"/>'
        f'<text x="{_MARGIN}" y="82" font-size="28" font-weight="bold">{escape(heading)}</text>{"".join(texts)}{body}{below}</svg>'
    )


def _table_svg(table: Rows, top: float) -> str:
    room = int((_PAGE[1] - _MARGIN - top) / _ROW)
    return "".join(
        _cell_svg(cell, column, len(row), top + _ROW * place, "bold" if place == 0 else "normal")
        for place, row in enumerate(table[: max(room, 0)])
        for column, cell in enumerate(row)
    )


def _cell_svg(cell: str, column: int, n_columns: int, y: float, weight: str) -> str:
    most = _CELL_CHARACTERS[min(column, 1)]
    text = escape(cell if len(cell) <= most else f"{cell[: most - 1]}…")
    edge = _PAGE[0] - _MARGIN - _COLUMN * (n_columns - 1 - column)
    x, anchor = (_MARGIN, "start") if column == 0 else (edge, "end")
    return f'<text x="{x}" y="{y}" font-size="12" font-weight="{weight}" text-anchor="{anchor}">{text}</text>'


def _wrapped(line: str) -> list[str]:
    rows, row = [], ""
    for word in line.split():
        if row and len(row) + len(word) >= _LINE_CHARACTERS:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    return [*rows, row]


def _draw(request: Mapping[str, Any]) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415 - for its fonts, and only in this process
    import vl_convert  # noqa: PLC0415 - 33 MB that only this process needs

    vl_convert.register_font_directory(str(Path(mpl.get_data_path()) / "fonts" / "ttf"))
    spec = request["spec"] | {"width": CHART_WIDTH, "background": "white"}
    spec["autosize"] = {
        "type": "fit-x",
        "contains": "padding",
    }  # with the names of the rows, as wide as the page has room
    spec["config"] = spec["config"] | {"font": _FONT}
    for part in ("axis", "legend"):
        fonts = {name: _FONT for name in spec["config"].get(part, {}) if name.endswith("Font")}
        spec["config"][part] = spec["config"].get(part, {}) | fonts
    if request["kind"] == "png":
        said = {"text": request["heading"], "subtitle": request["lines"][:1], "anchor": "start", "offset": 12}
        spec["title"] = said | {"font": _FONT, "subtitleFont": _FONT, "fontSize": 15, "subtitleFontSize": 12}
        return bytes(vl_convert.vegalite_to_png(spec, scale=2))
    chart = vl_convert.vegalite_to_svg(spec)
    return bytes(vl_convert.svg_to_pdf(page_svg(chart, request["heading"], request["lines"], request["table"])))


if __name__ == "__main__":
    sys.stdout.buffer.write(_draw(json.load(sys.stdin)))
