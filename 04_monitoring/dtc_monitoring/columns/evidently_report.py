"""Evidently, run once per check: the report that shows how each column is distributed in both waves.

Evidently is imported inside the functions: it takes several seconds, which only a check should pay.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dtc_monitoring.columns.column_tests import ColumnTest, chi_square
from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.settings import DriftSettings

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

_TWO_SAMPLE_CHI_SQUARE = "dtc_chi_square"


def run_evidently(
    reference: pd.DataFrame, current: pd.DataFrame, tests: Mapping[str, ColumnTest], settings: DriftSettings
) -> "Snapshot":
    """Compare two waves column by column with the given tests.

    Parameters
    ----------
    reference, current : DataFrame of shape (n_units, n_features)
        Numeric answers, NaN where one is missing.
    tests : mapping of str to ColumnTest
        The test of each column.

    Raises
    ------
    DriftCheckError
        If Evidently cannot compare the waves.
    """
    from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415 - takes seconds
    from evidently.presets import DataDriftPreset  # noqa: PLC0415 - takes seconds

    numbers = [name for name, test in tests.items() if test is ColumnTest.KS]
    counts = [name for name, test in tests.items() if test is not ColumnTest.KS]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=counts)
    preset = DataDriftPreset(
        columns=list(tests),
        per_column_method={name: _method(test) for name, test in tests.items()},
        threshold=settings.p_value,
        drift_share=settings.share,
    )
    waves = [Dataset.from_pandas(frame, data_definition=definition) for frame in (current, reference)]
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # correlations of constant columns, which nobody reads
            return Report([preset]).run(*waves)  # the current wave comes first
    except Exception as error:  # Evidently raises whatever its parts raise
        raise DriftCheckError(f"Evidently cannot compare the waves: {type(error).__name__}: {error}") from error


def _method(test: ColumnTest) -> str:
    return _register_chi_square() if test is ColumnTest.CHI_SQUARE else test.value


@cache
def _register_chi_square() -> str:
    """Teach Evidently the chi-square test of two samples, once per process, and give its name."""
    from evidently.legacy.calculations.stattests import StatTest, register_stattest  # noqa: PLC0415 - takes seconds
    from evidently.legacy.core import ColumnType  # noqa: PLC0415 - takes seconds

    def two_samples(reference: Any, current: Any, _: ColumnType, limit: float) -> tuple[float, bool]:
        p_value = chi_square(reference.to_numpy(), current.to_numpy())[1]
        return p_value, p_value < limit

    test = StatTest(
        name=_TWO_SAMPLE_CHI_SQUARE,
        display_name="two-sample chi-square p_value",
        allowed_feature_types=[ColumnType.Categorical],
    )
    register_stattest(test, two_samples)
    return _TWO_SAMPLE_CHI_SQUARE
