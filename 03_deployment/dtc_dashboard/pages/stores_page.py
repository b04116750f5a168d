"""``/stores``: the archetypes of stores, where there is a segmentation of them."""

from flask import Blueprint

from dtc_dashboard.pages.context import show, sources
from dtc_dashboard.queries import outline

stores_page = Blueprint("stores", __name__)


@stores_page.get("/stores")
def stores() -> str:
    """Show the segmentations whose unit is a store."""
    found = [one for one in sources().ordered() if one.catalogue.words.unit == "store"]
    outlines = [outline(sources(), one) for one in found]
    return show("stores.html.j2", outlines=outlines)
