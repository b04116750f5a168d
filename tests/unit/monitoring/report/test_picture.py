"""The picture of an alert, looked at as the pixels that arrive."""

import io
from dataclasses import replace

import matplotlib.image
import numpy as np
import numpy.typing as npt
import pytest
from dtc_model.drawing import colour
from dtc_monitoring.report import draw_picture
from dtc_monitoring.report.picture import DRAWN_WAVES, drawn_waves
from dtc_monitoring.report.report_content import WaveFigures
from fakes.run_content import DRIFT, content, wave
from matplotlib.text import Text


def pixels(picture: bytes | None) -> npt.NDArray[np.float64]:
    assert picture is not None
    return np.asarray(matplotlib.image.imread(io.BytesIO(picture)))[:, :, :3]


def area(picture: npt.NDArray[np.float64], position: int) -> int:
    """Count the pixels in a persona's colour."""
    rgb = [int(colour(position)[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return int((np.abs(picture - rgb).max(axis=2) < 0.02).sum())


def test_each_segment_is_drawn_in_its_own_colour_as_large_as_its_share() -> None:
    waves = (wave("2025-01", "reference", (0.6, 0.3, 0.1)), wave("2025-03", "drift", (0.6, 0.3, 0.1)))
    drawn = pixels(draw_picture(content(waves=waves)))
    first, second, third = (area(drawn, position) for position in range(3))
    assert first > 1.5 * second > 2 * third > 0


def test_the_picture_is_as_wide_as_a_phone_shows_sharply_and_telegram_takes_it() -> None:
    many = tuple(wave(f"20{n}-01", "stable", (0.3, 0.3, 0.4), 6.0) for n in range(10, 60))
    for waves in (DRIFT.waves, many):
        height, width, _ = pixels(draw_picture(content(waves=waves))).shape
        assert width == 1080
        assert width + height < 10_000


def test_dollars_in_names_are_no_formula_and_a_long_word_is_cut_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (r"Spends $5 to $\frac", "Umweltbewusstseinsbefragungsteilnehmerin")
    waves = (WaveFigures("2025-01", "reference", dict(zip(names, (0.5, 0.5), strict=True))),)
    drawn: list[str] = []
    monkeypatch.setattr(Text, "draw", lambda self, *_: drawn.append(self.get_text()))
    pixels(draw_picture(content(segments=names, waves=waves)))
    assert any(text.startswith(r"Spends \$5 to \$") for text in drawn)
    assert any(text.startswith("Umweltbewusstsein") for text in drawn)
    monkeypatch.undo()
    pixels(draw_picture(content(segments=names, waves=waves)))


def test_of_many_waves_the_reference_and_the_latest_are_drawn() -> None:
    waves = tuple(wave(f"2024-{n:02d}", "stable", (0.3, 0.3, 0.4)) for n in range(1, 13))
    drawn = drawn_waves(content(waves=waves))
    assert len(drawn) == DRAWN_WAVES
    assert (drawn[0], drawn[-1]) == (waves[0], waves[-1])


def test_waves_without_shares_are_left_out_and_without_any_there_is_no_picture() -> None:
    bare = tuple(replace(found, shares={}) for found in DRIFT.waves)
    assert drawn_waves(content(waves=(*bare[:2], DRIFT.waves[2]))) == [DRIFT.waves[2]]
    assert draw_picture(content(waves=bare)) is None


def test_a_picture_without_fit_or_with_a_share_of_nobody_can_be_drawn() -> None:
    drawn = pixels(draw_picture(content(waves=(wave("2025-01", "reference", (1.0, 0.0, 0.0)),))))
    everybody, nobody, _ = (area(drawn, position) for position in range(3))
    assert everybody > 50 * nobody, "nobody's colour is in the legend only"
