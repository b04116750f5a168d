"""Write the data dictionary of the behaviour features."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.transactions import data_dictionary


@click.command(cls=DtcCommand)
@click.argument("file", type=click.Path(path_type=Path))
def feature_dictionary(file: Path) -> None:
    """Write what each behaviour feature is to FILE, as Markdown: docs/behaviour_features.md."""
    file.write_text(data_dictionary(), encoding="utf-8")
    click.echo(f"{file}: written")


if __name__ == "__main__":
    feature_dictionary()
