"""Labels an uploaded file as ``make label_file`` does: ``python -m dtc_dashboard.uploads.label_upload``, the order as JSON on its input.

It is a process of its own with bounds on memory, time and what it writes, so that no file can take the pages down. It prints a line
of JSON for each block of rows, and in the end one that says what came of the file.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, Final

from dtc_data.catalogue import Catalogue, load_catalogue
from dtc_data.core import DtcError
from dtc_data.files import open_table
from dtc_data.surveys import FileOptions, RefusedFileError, SurveyProblems, expected_names

from dtc_dashboard.errors import UploadError
from dtc_dashboard.uploads.labelling_process import Report

MEMORY_BYTES: Final = 4 * 2**30
"""Address space of the process."""
PROCESSOR_SECONDS: Final = 900
WRITTEN_BYTES: Final = 2 * 2**30
"""Largest file that it may write."""
UNPACKED_BYTES: Final = 2 * 2**30
"""Most that a workbook may say it unpacks to."""
PREVIEW_ROWS: Final = 10
PREVIEW_CHARACTERS: Final = 60
"""Characters of a cell in the preview."""
_DECIMALS: Final = re.compile(r"^(-?\d+[.,]\d{3})\d+$")
"""A number with more decimals than the preview shows."""


def label_upload(order: Mapping[str, Any], tell: Callable[[str, int], None]) -> Report:
    """Label a file by what stands in an order (`LabellingOrder`), and return what came of it."""
    from dtc_model.rule import read_model  # noqa: PLC0415 - NumPy, after the bounds are set
    from dtc_service.batch import FileLabeller  # noqa: PLC0415 - likewise

    source, rule = Path(order["source"]), order["rule"]
    options = FileOptions(**{**order["options"], "allow": frozenset(order["options"].get("allow", ()))})
    most_rows = int(order["most_rows"])

    def told(what: str, rows: int) -> None:
        if rows > most_rows:
            raise UploadError(f"the file has more than {most_rows:,} rows (DASHBOARD_MAX_ROWS): send it in parts")
        tell(what, rows)

    try:
        _refuse_bomb(source)
        catalogue = load_catalogue(order["catalogue"])
        model = read_model(rule["document"])
        labeller = FileLabeller(catalogue, model, rule["version"], rule["no_fit_percentile"])
        labels = labeller.label(source, Path(order["target"]), options, told)
        return Report(
            units=labels.units,
            unlabelled=labels.unlabelled,
            counts=labels.counts,
            remarks=[_without_folder(remark, source) for remark in labels.remarks],
            preview=_preview(labels.path, catalogue, labels.columns),
        )
    except RefusedFileError as error:
        return _listed(error.problems)
    except DtcError as error:
        return Report(refusal=_without_folder(str(error), source))
    except MemoryError:
        return Report(refusal="the file needs too much memory: send it in parts")
    except RecursionError:
        return Report(refusal="the file cannot be read: it is nested too deeply")


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook by what it says that it unpacks to, before anything unpacks it.

    Raises
    ------
    UploadError
        If that is more than `UNPACKED_BYTES`.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > UNPACKED_BYTES:
        raise UploadError(
            f"the workbook would unpack to {unpacked / 2**30:.1f} GB, more than {UNPACKED_BYTES // 2**30}"
        )


def _listed(problems: SurveyProblems) -> Report:
    """Return the problems of a file, row by row; those of the file as a whole first."""
    rows = [
        {"place": place, "column": problem.column or "", "kind": str(problem.kind), "what": what}
        for problem in problems.found
        for place, what in problem.first
    ]
    total = sum(problem.count for problem in problems.found)
    return Report(n_problems=total, place=problems.place, problems=sorted(rows, key=lambda row: row["place"]))


def _preview(path: Path, catalogue: Catalogue, added: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the first units of a labelled file: its first column, and those that were added."""
    table = open_table(path, FileOptions(), expected_names(catalogue))
    names = [str(name) for name in table.names]
    shown = list(dict.fromkeys([0, *(names.index(name) for name in added if name in names)]))
    block = next(chain(table.blocks(), [None]))
    columns = [[] if block is None else list(block.texts(place)[:PREVIEW_ROWS]) for place in shown]
    rows = [[_shown(str(cell)) for cell in row] for row in zip(*columns, strict=True)]
    return {"columns": [names[place] for place in shown], "rows": rows}


def _shown(cell: str) -> str:
    """Return a cell as the preview has room for it: not every decimal, and not a whole novel."""
    return _DECIMALS.sub(r"\1", cell[:PREVIEW_CHARACTERS])


def _without_folder(message: str, source: Path) -> str:
    return message.replace(str(source), source.name)


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _bound()
    found = label_upload(json.load(sys.stdin), lambda what, rows: _say({"what": what, "rows": rows}))
    _say({"report": asdict(found)})
