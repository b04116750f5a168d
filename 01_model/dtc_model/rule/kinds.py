"""The kinds of model, and how a document of any of them is read.

A kind is a module of its own with a class that has `from_document` and the methods of `SegmentModel` that label. It is
named here and imported only when a document is of that kind, so that a process that serves one kind stays small.
"""

from importlib import import_module
from typing import Final

from dtc_data.catalogue import MIXTURE, NEAREST_CENTROID

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.model_document import parse_document
from dtc_model.rule.segment_model import SegmentModel

KINDS: Final = {
    NEAREST_CENTROID: "dtc_model.rule.segment_model:SegmentModel",
    MIXTURE: "dtc_model.rule.mixture:SegmentMixture",
}
"""Per kind the module and the class that reads it."""


def read_model(text: str) -> SegmentModel:
    """Read a model from its JSON document, of whatever kind; every number comes back exactly.

    Raises
    ------
    ModelBrokenError
        If the text is not JSON, of another format or kind, incomplete, or contradicts itself.
    """
    content = parse_document(text)
    if not isinstance(content["kind"], str) or content["kind"] not in KINDS:
        raise ModelBrokenError(
            f"the model is of the kind {content['kind']!r}, but this program knows {', '.join(KINDS)}: use the version of "
            "the program that registered it, or promote another version of the model"
        )
    return class_of(content["kind"]).from_document(content)


def class_of(kind: str) -> type[SegmentModel]:
    """Return the class that reads documents and catalogues of a kind."""
    module, _, name = KINDS[kind].partition(":")
    found: type[SegmentModel] = getattr(import_module(module), name)
    return found
