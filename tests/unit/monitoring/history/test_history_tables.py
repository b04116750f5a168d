import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import Labelling, Withdrawal
from dtc_model.decisions import Decision
from dtc_monitoring.history import WaveSummary, print_history
from dtc_monitoring.history.movement import Transitions
from dtc_monitoring.history.share_change import ShareChange
from dtc_monitoring.history.wave_by_wave import SegmentHistory
from rich.console import Console

WIDTH = 100
NAMES = (
    "Sustainable Steve", "Eco-Conscious Haley", "Bargain-Hunting Bella", "Late-Night Online Shopper Lucas",
    "Frugal Fiona", "Premium Pat", "Occasional [gift] Olga", "Weekend Walter",
)  # fmt: skip
STATUSES = (None, "stable", "drift", "mix_shift")
UNITS = 1_000_000
LONG_REASON = "Bella lost half of her people " * 4


def history_of(n_segments: int, n_waves: int = 8, steps_each: int = 123_456) -> SegmentHistory:
    """A history with a million respondents a wave, whose models alternate between the vendor and versions."""
    catalogue = Catalogue.model_validate(
        {
            "name": "wide",
            "registered_model": "wide_model",
            "features": [{"name": "price"}],
            "personas": [{"id": n, "name": NAMES[n], "centroid": [float(n)]} for n in range(n_segments)],
        }
    )
    waves = [Wave(2025 + n // 12, n % 12 + 1) for n in range(n_waves)]
    shares = dict.fromkeys(catalogue.segment_names, 1 / n_segments)
    halves = {name: (-1) ** n * 0.123 for n, name in enumerate(shares)}
    wholes = {name: 2 * half for name, half in halves.items()}
    at = datetime(2025, 4, 1, 6, 30, tzinfo=UTC)
    counts = np.full((n_segments, n_segments), steps_each)
    return SegmentHistory(
        catalogue=catalogue,
        waves=tuple(
            WaveSummary(wave, UNITS, STATUSES[n % 4], shares, 6.1234, {"vendor": 900_000, str(n + 10): 99_000})
            for n, wave in enumerate(waves)
        ),
        changes=tuple(
            ShareChange(before, after, "12", wholes, halves if n else None, halves if n else None)
            for n, (before, after) in enumerate(pairwise(waves))
        ),
        transitions=Transitions(
            catalogue.segment_names, counts, np.minimum(counts, np.eye(n_segments, dtype=np.int64))
        ),
        labellings=tuple(Labelling(wave, "2", at, UNITS) for wave in waves),
        promotions=(Decision("7f", "wide_model", "1", "2", "rolled_back", "Ada [ops]", LONG_REASON, at, "command"),),
        problems={"12": "version 12 of 'wide_model' has no persona model: it was [deleted]"},
    )


def printed(history: SegmentHistory) -> str:
    out = io.StringIO()
    print_history(history, Console(file=out, width=WIDTH))
    return out.getvalue()


@pytest.mark.parametrize("n_segments", [2, 3, 8])
def test_it_fits_into_100_columns_and_cuts_no_number(n_segments: int) -> None:
    text = printed(history_of(n_segments))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "…" not in text
    assert text.count("1,000,000") == 16  # respondents of eight waves, labels of eight labellings
    assert text.count("123,456") == n_segments**2
    assert text.count(f"{1 / n_segments:.1%}") >= 8 * n_segments


def test_more_waves_than_fit_stand_in_tables_below_each_other() -> None:
    text = printed(history_of(3, n_waves=14))
    headers = [line.split() for line in text.splitlines() if re.fullmatch(r"[ 0-9-]+20[0-9-]+ *", line)]
    assert [len(header) for header in headers] == [6, 6, 2]


def test_every_wave_shows_its_verdict_and_version_in_words() -> None:
    text = printed(history_of(3, n_waves=4))
    assert re.search(r"verdict +- +No drift +Drift +Mix shift", text)
    assert re.search(r"labelled by version +vendor, 10 +vendor, 11", text)
    assert re.search(r"without a persona +1,000", text)


def test_brackets_in_texts_of_people_are_shown_as_they_are() -> None:
    text = printed(history_of(8))
    for expected in ("[gift]", "Ada [ops]", "[deleted]"):
        assert expected in text


def test_what_cannot_be_split_is_said() -> None:
    assert "2025-01 to 2025-02 cannot be split: version 12" in printed(history_of(3))


def test_that_nobody_came_back_is_said() -> None:
    assert "none has a persona in more than one wave" in printed(history_of(3, steps_each=0))


def test_without_waves_it_says_so() -> None:
    assert printed(history_of(3, n_waves=0)).strip() == "There are no respondents yet."


def test_waves_without_labels_are_named_with_the_command_that_labels() -> None:
    history = history_of(3, n_waves=3)
    assert "Without labels" not in printed(history)
    bare = [replace(wave, by_version={}, shares={}, mean_distance=None) for wave in history.waves[1:]]
    text = " ".join(printed(replace(history, waves=(history.waves[0], *bare))).split())
    assert "Without labels, so without shares here: 2025-02, 2025-03. To label: make label WAVE=2025-02" in text


def test_what_rests_on_withdrawn_respondents_is_marked() -> None:
    history = history_of(2, n_waves=2)
    first = history.waves[1]
    later, before = datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
    withdrawal = Withdrawal(first.wave, 1_200, "Ada [ops]", "wrong weights", later)

    text = printed(
        replace(history, waves=(history.waves[0], replace(first, rests_on_withdrawn=True)), withdrawals=(withdrawal,))
    )

    assert f"The verdict of {first.wave} rests on respondents who were withdrawn later" in text
    assert f"{first.wave} (w)" in text
    assert "Labels of respondents who were withdrawn later" in text
    assert re.search(r"2025-05-01 00:00 +2025-02 +Ada \[ops\] +wrong weights +1,200", text)
    earlier = printed(replace(history, withdrawals=(replace(withdrawal, at=before),)))
    assert "(w)" not in earlier
