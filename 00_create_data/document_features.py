"""Write the page of the store features from their definitions."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.stores import CATEGORIES, features_page


@click.command(cls=DtcCommand)
@click.argument("page", type=click.Path(path_type=Path))
def document_features(page: Path) -> None:
    """Write PAGE, which is docs/store_features.md in the project."""
    page.write_text(features_page(CATEGORIES), encoding="utf-8")
    click.echo(f"{page}: written")


if __name__ == "__main__":
    document_features()
