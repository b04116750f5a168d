"""The drift check: whether units of the current wave still fit the segments that the reference wave had."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd
from dtc_data import Catalogue
from dtc_data.catalogue import answer_columns
from dtc_data.core import read_settings
from dtc_model.rule import SegmentModel

from dtc_monitoring.columns import DRAWN, ColumnTest, compare_columns, drawn_part, run_evidently
from dtc_monitoring.reference import WaveAnswers, check_answers
from dtc_monitoring.scoring import LARGEST_REDRAWN, compare_answers
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.answer_shares import answer_shares
from dtc_monitoring.verdict.evidence import SegmentShare, VerdictBasis
from dtc_monitoring.verdict.missing_answers import compare_missing
from dtc_monitoring.verdict.recoded_questions import find_recoded
from dtc_monitoring.verdict.segment_evidence import WithinEvidence, mix_evidence
from dtc_monitoring.verdict.smallest_waves import too_few_carry_the_weight, too_few_to_find
from dtc_monitoring.verdict.verdict import ColumnDrift, DriftVerdict, VerdictStatus, decide, false_alarm_rate
from dtc_monitoring.verdict.what_decides import grounds

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

REPORTED: Final = 20_000
"""Respondents of a wave from which the report is drawn, evenly spread; the verdict is reached from all that are given."""


@dataclass(frozen=True)
class DrawnVerdict:
    """A verdict together with Evidently's result, from which the report is drawn."""

    verdict: DriftVerdict
    snapshot: "Snapshot"

    def report_html(self) -> str:
        """Draw Evidently's report as one page that needs no internet (4 MB, and up to 7 MB for the features)."""
        html: str = self.snapshot.get_html_str(as_iframe=False)
        part = drawn_part(len(self.verdict.columns))
        note = f"Drawn and counted here: {part}. The verdict was reached from all of them."
        return html.replace("<body>", f"<body>\n<p>{note}</p>", 1) if part else html


def assess_drift(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, settings: DriftSettings | None = None
) -> DriftVerdict:
    """Tell whether respondents of the current wave still fit the personas.

    Parameters
    ----------
    reference, current : DataFrame
        One row per respondent, with the catalogue's features among the columns; NaN where an answer is missing. Weights in
        the catalogue's ``weight_column`` count in all evidence.
    catalogue : Catalogue
        Names the features and gives the personas.
    settings : DriftSettings, optional
        The limits; read from the environment if not given.

    Raises
    ------
    DriftCheckError
        If the check cannot be made; the message names the wave and the column.
    """
    limits = settings or read_settings(DriftSettings)
    return _assess(*_waves(reference, current, catalogue), catalogue, limits)


def assess_and_draw(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, settings: DriftSettings | None = None
) -> DrawnVerdict:
    """Make the check and let Evidently draw the columns, without weights (parameters and errors as `assess_drift`).

    Of more than `DRAWN` columns those are drawn that changed most.
    """
    limits = settings or read_settings(DriftSettings)
    before, after = _waves(reference, current, catalogue)
    verdict = _assess(before, after, catalogue, limits)
    samples = before.evenly(REPORTED), after.evenly(REPORTED)
    drawn = _most_telling(verdict, DRAWN)
    tests = {column.name: ColumnTest(column.test) for column in verdict.columns if column.name in drawn}
    frames = [pd.DataFrame(answer_columns(sample.values, catalogue.features))[list(tests)] for sample in samples]
    return DrawnVerdict(verdict, run_evidently(frames[0], frames[1], tests, limits))


def _most_telling(verdict: DriftVerdict, most: int) -> set[str]:
    """Return the names of the columns to look at: those that the verdict names, then those that chance explains least."""
    named = grounds(verdict.status, verdict.evidence)
    columns = sorted(verdict.columns, key=lambda column: (column.p_value, -abs(column.statistic)))
    known = {column.name for column in columns}
    order = [*(found.name for found in named if found.name in known), *(column.name for column in columns)]
    return set(list(dict.fromkeys(order))[:most])


def _waves(reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue) -> tuple[WaveAnswers, WaveAnswers]:
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(check_answers, (reference, current), (catalogue, catalogue), ("reference", "current"))
    return before, after


def _assess(before: WaveAnswers, after: WaveAnswers, catalogue: Catalogue, limits: DriftSettings) -> DriftVerdict:
    compared = compare_columns(before, after, catalogue.features, limits.few_values)
    columns = tuple(
        ColumnDrift(name, test.value, statistic, p_value, drifted=p_value < limits.p_value)
        for name, test, statistic, p_value in compared
    )
    is_number = [column.test is ColumnTest.KS for column in compared]
    status, basis = reach_status(before, after, catalogue, is_number, limits)
    return DriftVerdict(
        status=status,
        drifted_share=sum(column.drifted for column in columns) / len(columns),
        threshold=limits.share,
        columns=columns,
        n_reference=len(before.values),
        n_current=len(after.values),
        p_value_limit=limits.p_value,
        basis=basis,
    )


def reach_status(  # noqa: PLR0913, PLR0917 - what is compared, how, and the limits
    before: WaveAnswers,
    after: WaveAnswers,
    catalogue: Catalogue,
    is_number: Sequence[bool],
    limits: DriftSettings,
    largest_redrawn: int = LARGEST_REDRAWN,
) -> tuple[VerdictStatus, VerdictBasis]:
    """Reach the status alone, without the marks of single columns.

    Parameters
    ----------
    before, after : WaveAnswers
        Reference and current wave.
    catalogue : Catalogue
    is_number : sequence of bool
        Per feature, whether its answers count as numbers and not as a few values.
    limits : DriftSettings
    largest_redrawn : int
        Respondents of the smaller wave up to which p-values come from redrawn labels, see `dtc_monitoring.scoring.p_values`.
    """
    compared = compare_answers(before, after, SegmentModel.from_catalogue(catalogue), is_number, largest_redrawn)
    pairs = zip(catalogue.segments, *compared.shares.tolist(), strict=True)
    shares = tuple(SegmentShare(segment.id, segment.name, *of_waves) for segment, *of_waves in pairs)
    within = WithinEvidence(compared, catalogue, limits).pieces()
    mix = mix_evidence(compared, shares, catalogue.words.segments, limits)
    status = decide(compared.within_p, within, mix[0], limits)
    too_few = too_few_carry_the_weight(before, after, catalogue.words)
    if status == "stable" and too_few is None:
        too_few = too_few_to_find(before, after, catalogue.words, len(catalogue.features), limits)
    basis = VerdictBasis(
        evidence=(*within, *mix, *compare_missing(before, after, catalogue), *find_recoded(before, after, catalogue)),
        shares=shares,
        answers=answer_shares(before, after, catalogue),
        mean_fit_before=float(compared.mean_fit[0]),
        mean_fit_after=float(compared.mean_fit[1]),
        effective_reference=before.effective_size,
        effective_current=after.effective_size,
        p_value=compared.within_p,
        false_alarm_rate=false_alarm_rate(limits),
    )
    if too_few is None:
        return status, basis
    reference, current = too_few.enough_reference, too_few.enough_current
    return "cannot_tell", replace(basis, too_few=too_few.words, enough_reference=reference, enough_current=current)
