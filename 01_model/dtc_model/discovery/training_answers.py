"""The answers that a sweep is fitted to, and what is said about the missing ones."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import UNIT_ID
from dtc_data.tables import mean_error

from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray


@dataclass(frozen=True, eq=False)
class TrainingAnswers:
    """The respondents of a wave who answered enough for a label."""

    values: FloatArray
    """In the unit of the answers, categories as codes, NaN where one is missing, ``(n_fitted, n_features)``."""
    n_units: int
    """Everybody who was looked at: the wave, or a sample of it."""
    minimum_answered: int | None
    """Fewest answers with which a unit has a label; None if all must be given."""
    ids: tuple[str, ...] = ()
    """Of the units that were taken, by position where the frame has none."""
    called: str = "units"
    """What people call the units."""
    wave_units: int | None = None
    """Everybody in the wave, where a sample was looked at."""

    @classmethod
    def take(
        cls, frame: pd.DataFrame, catalogue: Catalogue, complete_share: float, wave_units: int | None = None
    ) -> Self:
        """Take the catalogue's features out of a frame.

        Parameters
        ----------
        frame : DataFrame
            One row per respondent.
        catalogue : Catalogue
            Says whether answers may be missing. If not, all respondents are taken, and whoever labels them will object.
        complete_share : float
            Smallest share of respondents who answered everything.
        wave_units : int, optional
            Everybody in the wave, where the frame holds a sample of them.

        Raises
        ------
        AnswersError
            If a feature is missing or holds something that is not a number.
        TrainingError
            If fewer respondents answered everything; the message says how many.
        """
        answers, minimum = answer_matrix(frame, catalogue.features), catalogue.missing_answers.minimum_answered
        if minimum is None:
            return cls(answers, len(answers), None, _ids(frame), catalogue.words.units, wave_units)
        given = (~np.isnan(answers)).sum(axis=1)
        enough = given >= minimum
        values, ids = np.ascontiguousarray(answers[enough]), _ids(frame[enough])
        taken = cls(values, len(answers), minimum, ids, catalogue.words.units, wave_units)
        if len(taken.complete) < complete_share * len(answers):
            raise TrainingError(
                f"only {len(taken.complete):,} of {len(answers):,} {taken.called} answered every question: at least "
                f"{complete_share:.0%} must have, since the search for clusters starts from them. Lower "
                "TRAIN_COMPLETE_SHARE, or train on a wave with more answers"
            )
        return taken

    @property
    def complete(self) -> FloatArray:
        """The answers of those who left nothing out, ``(n_complete, n_features)``."""
        rows: FloatArray = self.values[~np.isnan(self.values).any(axis=1)]
        return rows

    @property
    def counts(self) -> dict[str, int]:
        """How many respondents there are, were fitted to, and left nothing out."""
        return {"n_units": self.n_units, "n_fitted": len(self.values), "n_complete": len(self.complete)}

    @property
    def words(self) -> str:
        """Say who counts how; nothing if everybody of the wave is there and answered everything."""
        n, fitted, complete = self.counts.values()
        sampled = [self._sampled] if self.wave_units is not None else []
        if complete == n:
            return "".join(sampled)
        parts = [*sampled, f"fitted on {fitted:,} of {n:,} {self.called}"]
        parts += (
            [f"{fitted - complete:,} of them left answers out and count by the others"] if fitted > complete else []
        )
        parts += [f"{n - fitted:,} answered fewer than {self.minimum_answered} questions"] if fitted < n else []
        return "; ".join(parts)

    @property
    def _sampled(self) -> str:
        error = mean_error(self.n_units, self.wave_units or self.n_units)
        return (
            f"fitted on a sample of {self.n_units:,} of the wave's {self.wave_units:,} {self.called}, chosen by a hash of their "
            f"ids: a mean in it is off by at most {error:.4f} standard deviations in 95 of 100 such samples"
        )


def _ids(frame: pd.DataFrame) -> tuple[str, ...]:
    return tuple(frame[UNIT_ID].astype(str)) if UNIT_ID in frame else tuple(map(str, range(len(frame))))
