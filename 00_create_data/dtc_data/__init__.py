"""The persona catalogue, the respondents and where they are kept."""

from dtc_data.catalogue import Catalogue, Feature, Persona, load_catalogue
from dtc_data.waves import Wave

__all__ = ["Catalogue", "Feature", "Persona", "Wave", "load_catalogue"]
