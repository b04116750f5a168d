"""Units that a vendor labelled, read to compare with: nothing that the comparison can do without is asked of the file."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from dtc_data.catalogue import Catalogue
from dtc_data.core import Wave
from dtc_data.files import open_table
from dtc_data.surveys import FileOptions, expected_names, read_survey_file

from dtc_service.delivery.labelled_survey import ID_WORDS


def read_vendor_labels(path: Path, catalogue: Catalogue, label: str | None = None) -> pd.DataFrame:
    """Return the units of a file as `dtc_data.surveys.read_survey_file` does.

    A file without dates is of any month. Where the column that the catalogue names is not there, ids are in one that is called as ids
    are; without ids, units that answered alike count once.

    Parameters
    ----------
    path : Path
    catalogue : Catalogue
    label : str, optional
        Column with the vendor's segments; the one that the catalogue names by default.

    Raises
    ------
    SurveyFileError
        If the file cannot be read, or anything in it is wrong.
    """
    table = open_table(path, FileOptions(), expected_names(catalogue))
    names = [*table.names, *table.descriptions]
    columns = catalogue.columns
    ids = [columns.id] if columns.id in names else [name for name in table.names if name.lower() in ID_WORDS]
    found = {"id": ids[0] if ids else columns.id, "segment": label or columns.segment}
    today = datetime.now(UTC)
    options = FileOptions(
        wave=None if {columns.date, columns.wave} & {*names} else Wave(today.year, today.month),
        allow=frozenset({"fieldwork"} if ids else {"fieldwork", "repeated"}),
    )
    to_compare = catalogue.model_copy(update={"columns": columns.model_copy(update=found)})
    return read_survey_file(path, to_compare, options, undone="nothing was compared")
