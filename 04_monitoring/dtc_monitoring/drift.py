"""The drift check: whether the respondents of the current wave answer like those of the reference wave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from dtc_data import Catalogue
from dtc_data.settings import read_settings

from dtc_monitoring.column_tests import ColumnTest, FloatArray, choose_test, statistic
from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.evidently_report import p_values, run_evidently
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import ColumnDrift, DriftVerdict

if TYPE_CHECKING:
    from evidently.core.report import Snapshot


@dataclass(frozen=True)
class Comparison:
    """A verdict together with Evidently's result, from which the report is drawn."""

    verdict: DriftVerdict
    snapshot: "Snapshot"

    def report_html(self) -> str:
        """Draw Evidently's report as one page that needs no internet (about 4 MB)."""
        html: str = self.snapshot.get_html_str(as_iframe=False)
        return html


def assess_drift(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, settings: DriftSettings | None = None
) -> DriftVerdict:
    """Tell whether the current wave drifted from the reference wave.

    Parameters
    ----------
    reference, current : DataFrame
        One row per respondent, with the catalogue's features among the columns; NaN where an answer is missing.
    catalogue : Catalogue
        Names the features that are compared.
    settings : DriftSettings, optional
        The limits; read from the environment if not given.

    Raises
    ------
    DriftCheckError
        If the check cannot be made; the message names the wave and the column.
    """
    return compare_waves(reference, current, catalogue, settings).verdict


def compare_waves(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, settings: DriftSettings | None = None
) -> Comparison:
    """Make the check and keep what the report is drawn from (parameters and errors as `assess_drift`)."""
    limits = settings or read_settings(DriftSettings)
    before = _checked_answers(reference, catalogue, "reference")
    after = _checked_answers(current, catalogue, "current")
    tests = {
        name: choose_test(_given(before, name), _given(after, name), limits.few_values)
        for name in catalogue.feature_names
    }
    snapshot = run_evidently(before, after, tests, limits)
    columns = _columns(before, after, tests, p_values(snapshot, tests), limits)
    return Comparison(_decide(columns, limits, len(before), len(after)), snapshot)


def _columns(
    before: pd.DataFrame,
    after: pd.DataFrame,
    tests: Mapping[str, ColumnTest],
    p_value_of: Mapping[str, float],
    limits: DriftSettings,
) -> tuple[ColumnDrift, ...]:
    return tuple(
        ColumnDrift(
            name=name,
            test=test.value,
            statistic=statistic(test, _given(before, name), _given(after, name)),
            p_value=p_value_of[name],
            drifted=p_value_of[name] < limits.p_value,
        )
        for name, test in tests.items()
    )


def _decide(columns: tuple[ColumnDrift, ...], limits: DriftSettings, n_reference: int, n_current: int) -> DriftVerdict:
    share = sum(column.drifted for column in columns) / len(columns)
    return DriftVerdict(
        status="drift" if share >= limits.share else "stable",
        drifted_share=share,
        threshold=limits.share,
        columns=columns,
        n_reference=n_reference,
        n_current=n_current,
        p_value_limit=limits.p_value,
    )


def _given(answers: pd.DataFrame, name: str) -> FloatArray:
    """Give the answers of one column that are not missing, ``(n_answers,)``."""
    column: FloatArray = answers[name].to_numpy()
    return column[~np.isnan(column)]


def _checked_answers(frame: pd.DataFrame, catalogue: Catalogue, wave: str) -> pd.DataFrame:
    """Give the features as numbers, ``(n_respondents, n_features)``, or say why they cannot be compared."""
    if frame.empty:
        raise DriftCheckError(f"the {wave} wave holds no respondents, so it cannot be compared")
    if missing := [name for name in catalogue.feature_names if name not in frame.columns]:
        raise DriftCheckError(f"the {wave} wave lacks the columns {', '.join(missing)} of the catalogue")
    if twice := [name for name in catalogue.feature_names if list(frame.columns).count(name) > 1]:
        raise DriftCheckError(f"column {twice[0]!r} of the {wave} wave is there twice")
    answers = {name: _checked_column(frame[name], name, wave) for name in catalogue.feature_names}
    return pd.DataFrame(answers)


def _checked_column(column: pd.Series, name: str, wave: str) -> FloatArray:
    where = f"column {name!r} of the {wave} wave"
    try:
        numbers = column.astype("float64").to_numpy()
    except (TypeError, ValueError) as error:
        raise DriftCheckError(f"{where} holds something that is no number: {error}") from error
    if np.isnan(numbers).all():
        raise DriftCheckError(f"{where} holds no answers at all, so it cannot be compared")
    if np.isinf(numbers).any():
        raise DriftCheckError(f"{where} holds infinite numbers, so it cannot be compared")
    return numbers
