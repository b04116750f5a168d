"""What a typing tool is made from, and what of it no formula can hold."""

from dataclasses import dataclass
from typing import Final

from dtc_data.catalogue import Catalogue, Segment
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import SegmentModel

from dtc_service.errors import NoFormulaError

MOST_COLUMNS: Final = 16_384
"""Columns of a sheet in Excel."""
COLUMNS_PER_FEATURE: Final = 2
"""The answer as a number, and the same if it is valid."""
COLUMNS_PER_SEGMENT: Final = 4
"""Its distance, whether that is the smallest, and both again without the nearest one; longer sums need more."""


@dataclass(frozen=True)
class WorkbookContent:
    """A catalogue, the rule that labels by it, and which version of the model that is.

    Raises
    ------
    NoFormulaError
        If the rule has a part that cannot be written as a formula; the message names it and says why.
    ModelBrokenError
        If the model is made for other features than the catalogue has.
    """

    catalogue: Catalogue
    model: SegmentModel
    version: str | None = None
    """Version of the registered model; None for the catalogue's own centroids."""

    def __post_init__(self) -> None:
        check_agrees(ServedModel(self.version or "of the catalogue", self.model), self.catalogue)
        _refuse_without_formula(self.model)

    @property
    def segments(self) -> tuple[Segment | None, ...]:
        """The catalogue's entry for each segment of the model, in the model's order; None if it has none."""
        by_id = {segment.id: segment for segment in self.catalogue.segments}
        return tuple(by_id.get(id_) for id_ in self.model.segment_ids)

    @property
    def source(self) -> str:
        """Whose rule it is, in words."""
        if self.version is None:
            return f"the centroids of the catalogue {self.catalogue.name!r}"
        return f"version {self.version} of the model {self.catalogue.registered_model!r}"


def _refuse_without_formula(model: SegmentModel) -> None:
    if model.encoder.projection is not None:
        raise NoFormulaError(
            "no typing tool: the model projects all answers together onto fewer axes, which would take a formula over all "
            "columns for each axis. Let the service label, or a file (make label_file)"
        )
    quantile = [feature.name for feature in model.encoder.features if feature.transform == "quantile"]
    if quantile:
        raise NoFormulaError(
            f"no typing tool: {', '.join(quantile)} enters by its rank among the reference wave's answers (transform: "
            "quantile), a table of up to 10,001 steps that no formula of a cell holds. Let the service label, or a file "
            "(make label_file)"
        )
    encoder = model.encoder
    needed = (
        COLUMNS_PER_FEATURE * len(encoder.features) + encoder.n_columns + COLUMNS_PER_SEGMENT * len(model.segment_ids)
    )
    if needed > MOST_COLUMNS // 2:
        raise NoFormulaError(
            f"no typing tool: {len(encoder.features)} features and {len(model.segment_ids)} segments need {needed:,} columns "
            f"and more, and a sheet has {MOST_COLUMNS:,}. Let the service label, or a file (make label_file)"
        )
