"""What people take away: drawn by a process of its own, the same wherever it is made."""

import io
import re

import pytest
from dtc_dashboard.parts import FORMATS, dots_with_intervals, draw
from dtc_dashboard.parts.pictures import page_svg
from PIL import Image

ROWS = [
    {"name": "Visits", "value": 0.8, "low": 0.6, "high": 1.0},
    {"name": "Mood", "value": -0.3, "low": -0.5, "high": -0.1},
]


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_chart_becomes_a_file_of_its_kind(kind: str, begins: bytes) -> None:
    assert kind in FORMATS
    drawn = draw(dots_with_intervals(ROWS, "#0072B2", "Difference"), kind, "Loyal", ["Come often"])  # type: ignore[arg-type]
    assert drawn.startswith(begins)
    if kind == "png":
        picture = Image.open(io.BytesIO(drawn)).convert("L")
        assert picture.width > 1_000
        labels = picture.crop((0, 100, 70, picture.height - 120))
        assert min(labels.getdata()) < 100, "the names of the rows are written beside it"


def test_the_page_has_the_numbers_below_the_chart_as_far_as_there_is_room() -> None:
    table = [["Feature", "Loyal"], *([f"Feature {number} & {'long ' * 10}", f"{number}.00"] for number in range(60))]
    page = page_svg('<svg height="500"/>', "Loyal", ["Come often"], table)
    assert ">Feature 0 &amp; " in page
    assert "long long long long long" not in page, "a long name is cut off, and no character before it is escaped"
    rows = [float(y) for y in re.findall(r'y="([\d.]+)" font-size="12"', page)]
    assert min(rows) > 150 + 22 + 500
    assert max(rows) < 1052
    assert 10 < len(rows) / 2 < 20


def test_the_page_holds_heading_and_lines_as_text_and_nothing_else() -> None:
    page = page_svg("<g/>", "Loyal & <b>true</b>", ["word " * 60])
    assert "Loyal &amp; &lt;b&gt;true&lt;/b&gt;" in page
    assert page.count("<text") > 3, "a long line is broken"
