"""Which columns a survey file has."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dtc_data.catalogue.catalogue import Catalogue
from dtc_data.core import SurveyFileError


def check_header(path: Path, names: Sequence[str], catalogue: Catalogue) -> None:
    """Check that a file has the columns of the catalogue, each once and no others.

    Raises
    ------
    SurveyFileError
        If not; the message names what is missing, unknown or repeated.
    """
    required = (catalogue.columns.date, *(feature.file_column for feature in catalogue.features))
    weight = (catalogue.weight_column,) if catalogue.weight_column else ()
    optional = (catalogue.columns.id, *weight, catalogue.file_segment_column)
    problems = []
    if repeated := [repr(name) for name, times in Counter(names).items() if times > 1]:
        problems.append(f"given more than once: {', '.join(repeated)}")
    if missing := [repr(name) for name in required if name not in names]:
        problems.append(f"missing: {', '.join(missing)}")
    if unknown := [repr(name) for name in names if name not in required + optional]:
        problems.append(f"not in the catalogue: {', '.join(unknown)}")
    if not problems:
        return
    if len(names) == 1 and (separator := next((mark for mark in ";\t|" if mark in names[0]), None)):
        raise SurveyFileError(f"{path}, line 1: the columns are separated by {separator!r}; save the file with commas")
    expected = f"{', '.join(required)}, and may have {', '.join(optional[:-1])} and {optional[-1]}"
    raise SurveyFileError(f"{path}, line 1: columns {'; '.join(problems)}. By the catalogue a file has {expected}.")
