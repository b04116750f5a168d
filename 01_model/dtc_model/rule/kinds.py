"""The kinds of model, and how a document of any of them is read.

A kind is a module of its own with a class that has `from_document` and the methods of `SegmentModel` that label. It is
named here and imported only when a document is of that kind, so that a process that serves one kind stays small.
"""

from importlib import import_module
from typing import Final

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.model_document import NEAREST_CENTROID, parse_document
from dtc_model.rule.segment_model import SegmentModel

KINDS: Final = {NEAREST_CENTROID: "dtc_model.rule.segment_model:SegmentModel"}
"""Per kind the module and the class that reads it."""


def read_model(text: str) -> SegmentModel:
    """Read a model from its JSON document, of whatever kind; every number comes back exactly.

    Raises
    ------
    ModelBrokenError
        If the text is no JSON, of another format or kind, incomplete, or contradicts itself.
    """
    content = parse_document(text)
    place = KINDS.get(content["kind"]) if isinstance(content["kind"], str) else None
    if place is None:
        raise ModelBrokenError(
            f"the model is of the kind {content['kind']!r}, but this program knows {', '.join(KINDS)}: use the version of "
            "the program that registered it, or promote another version of the model"
        )
    module, _, name = place.partition(":")
    model: SegmentModel = getattr(import_module(module), name).from_document(content)
    return model
