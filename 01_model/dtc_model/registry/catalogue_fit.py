"""Whether a registered version can label the respondents of a catalogue."""

from dtc_data.catalogue import Catalogue

from dtc_model.errors import ModelBrokenError
from dtc_model.registry.registry_reader import ServedModel


def check_fits(served: ServedModel, catalogue: Catalogue) -> None:
    """Refuse a model that was made for other features than the catalogue has.

    Raises
    ------
    ModelBrokenError
        If the features differ in name or order; the message names the version and the first difference.
    """
    ours, theirs = catalogue.feature_names, served.model.feature_names
    if ours == theirs:
        return
    differing = next((pair for pair in zip(theirs, ours, strict=False) if pair[0] != pair[1]), None)
    difference = (
        f"{differing[0]!r} instead of {differing[1]!r}" if differing else f"{len(theirs)} instead of {len(ours)}"
    )
    raise ModelBrokenError(
        f"version {served.version} of {catalogue.registered_model!r} is made for other features than the catalogue "
        f"{catalogue.name!r}: {difference}; promote a version made for this catalogue"
    )
