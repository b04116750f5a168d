"""A forecast as a JSON document: its schema, and how a text is checked against it. It holds numbers and names, and no code."""

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_model.errors import ModelBrokenError

FORMAT: Final = 1
"""Version of the schema; a reader refuses the ones it does not know."""

KIND: Final = "forecast"
"""What tells these documents from those of segments."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Position = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]


YES_NO: Final = "yes 1, no 0"
"""Unit of a feature that is 1 where something is so."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ForecastFeature(_Part):
    """A feature that the forecast is made from."""

    name: Text
    description: str = ""
    unit: str = ""
    typical: Finite | None = None
    """Median in training; None where it was missing for most."""


class LinearEntry(_Part):
    """Weights of standardised features, `dtc_model.prediction.scoring.scorers.LinearScorer`."""

    kind: Literal["linear"] = "linear"
    columns: list[Position]
    centres: list[Finite]
    spreads: list[Annotated[Finite, Field(gt=0)]]
    weights: list[list[Finite]]
    """One list per score, one number per column."""
    intercepts: list[Finite]

    @model_validator(mode="after")
    def _check(self) -> Self:
        sizes = {len(self.columns), len(self.centres), len(self.spreads), *map(len, self.weights)}
        if len(sizes) != 1 or len(self.weights) != len(self.intercepts):
            raise ValueError("columns, centres, spreads and weights differ in number")
        return self

    @property
    def n_scores(self) -> int:
        """How many scores a row gets."""
        return len(self.intercepts)


class TreesEntry(_Part):
    """Nodes of decision trees, `dtc_model.prediction.scoring.scorers.TreeScorer`; one entry per node in each list."""

    kind: Literal["trees"] = "trees"
    combine: Literal["sum", "mean"]
    single_precision: bool
    """Whether values are rounded to 32 bits before they are compared with a threshold."""
    base: list[Finite]
    """Added to the sum, one number per score; zeros with a mean."""
    roots: Annotated[list[Position], Field(min_length=1)]
    features: list[Annotated[int, Field(ge=-1)]]
    """-1 in a leaf."""
    thresholds: list[Finite]
    left: list[Position]
    right: list[Position]
    missing_left: list[bool]
    values: list[list[Finite]]

    @model_validator(mode="after")
    def _check(self) -> Self:
        n_nodes = len(self.features)
        if {len(self.thresholds), len(self.left), len(self.right), len(self.missing_left), len(self.values)} != {
            n_nodes
        }:
            raise ValueError("the lists of nodes differ in length")
        if {len(value) for value in self.values} != {len(self.base)}:
            raise ValueError("values and base differ in length")
        if max(self.roots) >= n_nodes:
            raise ValueError("a root is not a node")
        for node, feature in enumerate(self.features):
            # Children stand behind their parents: following them always ends.
            if (
                feature >= 0
                and not node
                < min(self.left[node], self.right[node])
                <= max(self.left[node], self.right[node])
                < n_nodes
            ):
                raise ValueError(f"the children of node {node} do not stand behind it")
        return self

    @property
    def n_scores(self) -> int:
        """How many scores a row gets."""
        return len(self.base)


class ForecastDocument(_Part):
    """All that a forecast consists of."""

    format: Literal[1] = FORMAT
    kind: Literal["forecast"] = KIND
    target: Literal["leaves", "amount", "segment"]
    candidate: Text
    """Which kind of model it is, such as ``logistic_all``."""
    horizon_days: Annotated[int, Field(ge=0)]
    """0 where the label came with the table."""
    features: Annotated[list[ForecastFeature], Field(min_length=1)]
    link: Literal["logistic", "softmax", "exp"]
    classes: Annotated[list[Text], Field(min_length=1)]
    """What each score is about."""
    shifts: list[Finite]
    """Added to the scores before the link."""
    scorer: Annotated[LinearEntry | TreesEntry, Field(discriminator="kind")]
    threshold: Annotated[Finite, Field(ge=0, le=1)] | None = None
    """Probability from which on a person acts, where one has been chosen."""
    provenance: dict[str, str]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not len(self.classes) == len(self.shifts) == self.scorer.n_scores:
            raise ValueError("classes, shifts and scores differ in number")
        if (self.link == "softmax") != (len(self.classes) > 1):
            raise ValueError("only softmax has several scores, and it has at least two")
        used = self.scorer.columns if isinstance(self.scorer, LinearEntry) else self.scorer.features
        if max(used, default=0) >= len(self.features):
            raise ValueError("a score is made from a feature that is not named")
        return self


def write_forecast(document: ForecastDocument) -> str:
    """Return the document as JSON text; numbers are written so that they come back exactly."""
    return json.dumps(document.model_dump(), ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def read_forecast(text: str) -> ForecastDocument:
    """Return the document that a text holds.

    Raises
    ------
    ModelBrokenError
        If the text is not JSON, is of another kind or format, or any entry is missing, unknown or of the wrong type.
    """
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelBrokenError(f"the forecast is not a JSON document: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ModelBrokenError(f"the document is not of the kind {KIND!r}")
    if content.get("format") != FORMAT:
        raise ModelBrokenError(f"the forecast has format {content.get('format')!r}, but this program reads {FORMAT}")
    try:
        return ForecastDocument.model_validate(content)
    except ValidationError as error:
        raise ModelBrokenError("the forecast is broken: " + "; ".join(map(_describe, error.errors()))) from error


def _describe(problem: Any) -> str:
    location = ".".join(str(step) for step in problem["loc"])
    return f"{location}: {problem['msg']}" if location else str(problem["msg"])
