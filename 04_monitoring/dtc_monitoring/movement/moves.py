"""The moves of units between two waves, each with the cause that led to the later segment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import answer_matrix
from dtc_data.core import SEGMENT, UNIT_ID
from dtc_model.rule import INCOMPLETE, SegmentModel

NEW: Final = "not there before"
"""Stands for the segment of units that only the later wave holds."""
GONE: Final = "not there any more"
"""Stands for the segment of units that only the earlier wave holds."""
UNLABELLED: Final = "no segment"
MODEL: Final = "model"
"""Cause of moves that the units' features do not explain: another version labelled the later wave."""

_ABSENT: Final = -2
"""Code for units that a wave does not hold; `INCOMPLETE` is that of units without a segment."""


@dataclass(frozen=True, eq=False)
class Movement:
    """What happened between two waves."""

    before: Wave
    after: Wave
    moves: pd.DataFrame
    """Of every unit in either wave: unit_id, from_segment, to_segment (names, `NEW` or `GONE`), and cause, empty where the
    unit stayed."""
    versions: tuple[str, str]
    """Versions that labelled most of the earlier and of the later wave."""
    causes: Mapping[str, str]
    """What each cause means, in words."""

    @property
    def in_both(self) -> pd.DataFrame:
        """Moves of units that are in both waves."""
        moves = self.moves
        return moves[(moves["from_segment"] != NEW) & (moves["to_segment"] != GONE)]

    @property
    def changed_share(self) -> float:
        """Share of the units in both waves whose segment changed."""
        both = self.in_both
        return float((both["from_segment"] != both["to_segment"]).mean()) if len(both) else 0.0

    @property
    def changed_share_of_wave(self) -> float:
        """Share of all units of the later wave whose segment changed; those who are new to it had none."""
        both = self.in_both
        there = int((self.moves["to_segment"] != GONE).sum())
        return float((both["from_segment"] != both["to_segment"]).sum() / there) if there else 0.0

    @property
    def changed_by_model(self) -> int:
        """Units whose segment another version of the model changed, and nothing else."""
        return int((self.moves["cause"] == MODEL).sum())

    @property
    def counts(self) -> pd.DataFrame:
        """Units by from_segment, to_segment and cause, the most frequent first."""
        keys = ["from_segment", "to_segment", "cause"]
        counted = self.moves.groupby(keys, observed=True).size().rename("units").reset_index()
        return counted.sort_values(["units", *keys], ascending=[False, True, True, True], ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types: how many of both waves changed, by which cause, and every flow."""
        moved = self.moves[self.moves["cause"] != ""]
        return {
            "from_wave": str(self.before),
            "to_wave": str(self.after),
            "versions": list(self.versions),
            "in_both": len(self.in_both),
            "changed_share": self.changed_share,
            "changed_share_of_wave": self.changed_share_of_wave,
            "changed_by_model": self.changed_by_model,
            "new": int((self.moves["from_segment"] == NEW).sum()),
            "gone": int((self.moves["to_segment"] == GONE).sum()),
            "causes": {str(cause): int(n) for cause, n in moved["cause"].value_counts().items()},
            "flows": [
                {str(key): value for key, value in flow.items()} for flow in self.counts.to_dict(orient="records")
            ],
        }


def explain_moves(  # noqa: PLR0913 - two waves and what lies between; most by keyword
    units: tuple[pd.DataFrame, pd.DataFrame],
    steps: Mapping[str, pd.DataFrame],
    model: SegmentModel,
    catalogue: Catalogue,
    *,
    waves: tuple[Wave, Wave],
    causes: Mapping[str, str],
) -> Movement:
    """Return who moved between two waves, and why.

    Every unit is labelled again after each step by the model of the earlier wave. The cause of a move is the last step that
    changed the segment; where none leads to the later wave's label, the model changed.

    Parameters
    ----------
    units : pair of DataFrame
        The earlier and the later wave, as `dtc_data.tables.UnitTable.load_labels` returns them.
    steps : mapping
        By cause, in the order in which they happen, the features of all units after it, by unit_id.
    model : SegmentModel
        Of the earlier wave.
    catalogue : Catalogue
    waves : pair of Wave
    causes : mapping
        What each cause means, in words.
    """
    before, after = (frame.set_index(UNIT_ID)[SEGMENT].fillna(INCOMPLETE).astype(int) for frame in units)
    everybody = before.index.union(after.index)
    labels = {cause: _labels(model, features, catalogue) for cause, features in steps.items()}
    columns = [before, *labels.values(), after]
    codes = np.column_stack([column.reindex(everybody, fill_value=_ABSENT).to_numpy() for column in columns])
    names = np.array(["", *steps, MODEL], dtype=object)
    changed = codes[:, 1:] != codes[:, :-1]
    last = changed.shape[1] - np.argmax(changed[:, ::-1], axis=1)  # the last change, counted from 1
    stayed = codes[:, 0] == codes[:, -1]
    moves = pd.DataFrame(
        {
            UNIT_ID: everybody,
            "from_segment": _names(codes[:, 0], catalogue, NEW),
            "to_segment": _names(codes[:, -1], catalogue, GONE),
            "cause": np.where(stayed, "", names[np.where(stayed, 0, last)]),
        }
    )
    said = {**causes, MODEL: "the model changed"}
    return Movement(*waves, moves, (_version(units[0]), _version(units[1])), said)


def _labels(model: SegmentModel, features: pd.DataFrame, catalogue: Catalogue) -> "pd.Series[int]":
    answers = answer_matrix(features, catalogue.features)
    return pd.Series(model.label(answers, catalogue.minimum_answered), index=features.index, dtype=int)


def _names(codes: "np.ndarray[Any, np.dtype[np.int64]]", catalogue: Catalogue, absent: str) -> "pd.Series[str]":
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    return pd.Series(codes).map({**names, _ABSENT: absent, int(INCOMPLETE): UNLABELLED})


def _version(units: pd.DataFrame) -> str:
    versions = units["model_version"].dropna()
    return str(versions.mode().iloc[0]) if len(versions) else "vendor"
