"""The options of commands that read survey files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from dtc_data.core import SurveyFileError, Wave
from dtc_data.surveys.reading_options import FileOptions
from dtc_data.surveys.survey_problems import IF_ALLOWED, RefusedFileError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_OPTIONS = (
    click.option("--encoding", help="Of a CSV file: utf-8, utf-16, latin-1 … Found out if not given."),
    click.option("--delimiter", help="Between the cells of a CSV file; 'tab' for a tab. Found out if not given."),
    click.option("--decimal", type=click.Choice([",", "."]), help="Before the decimals. Found out if not given."),
    click.option("--sheet", help="Of an Excel file. The one with most of the catalogue's columns if not given."),
    click.option(
        "--date-order", type=click.Choice(["day", "month"]), help="What comes first in dates like 01/02/2025."
    ),
    click.option("--wave", metavar="MONTH", help="The month of everybody in the file, like 2025-01."),
    click.option(
        "--allow",
        multiple=True,
        type=click.Choice([str(kind) for kind in IF_ALLOWED]),
        help="A kind of problem that may pass. May be given several times.",
    ),
    click.option("--report", type=click.Path(path_type=Path), help="Write the problems of the file to this page."),
)


def file_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options about a survey file to a command, which gets them as ``options`` and ``report``."""

    @wraps(command)
    def with_options(  # noqa: PLR0913 - the options of a command
        *arguments: Any,
        encoding: str | None,
        delimiter: str | None,
        decimal: Any,
        sheet: str | None,
        date_order: Any,
        wave: str | None,
        allow: tuple[str, ...],
        **others: Any,
    ) -> Result:
        options = FileOptions(
            encoding=encoding,
            delimiter="\t" if delimiter in {"tab", "\\t"} else delimiter,
            decimal=decimal,
            sheet=sheet,
            date_order=date_order,
            wave=Wave.parse(wave) if wave else None,
            allow=frozenset(allow),
        )
        return command(*arguments, options=options, **others)

    decorated: Callable[..., Result] = with_options
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


@contextmanager
def written_report(path: Path | None) -> Iterator[None]:
    """Write the page about a file that is refused meanwhile, if a path is given.

    Raises
    ------
    SurveyFileError
        If the page cannot be written.
    """
    try:
        yield
    except RefusedFileError as error:
        if path:
            from dtc_data.surveys.problem_report import report_html  # noqa: PLC0415 - only for a file that is refused

            try:
                path.write_text(report_html(error.problems), encoding="utf-8")
            except OSError as failure:
                raise SurveyFileError(f"{path}: the report cannot be written: {failure.strerror}\n{error}") from failure
        raise
