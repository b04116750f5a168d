"""A reader of survey files, and the catalogues it may read by."""

from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.surveys import read_survey_file
from fakes.survey_files import Reader


@pytest.fixture
def strict(small_catalogue: Catalogue) -> Catalogue:
    """Three features, the first with a range."""
    features = [{"name": "price", "minimum": 0, "maximum": 5}, {"name": "ecology"}, {"name": "visits", "scale": 10.0}]
    return Catalogue.model_validate(small_catalogue.model_dump() | {"features": features})


@pytest.fixture
def lenient(strict: Catalogue) -> Catalogue:
    """The same, with missing answers allowed."""
    return Catalogue.model_validate(strict.model_dump() | {"missing_answers": {"minimum_answered": 2}})


@pytest.fixture
def read(tmp_path: Path, strict: Catalogue) -> Reader:
    """Read lines as a survey file of the strict catalogue, or of another."""

    def read_lines(*lines: str, catalogue: Catalogue = strict, encoding: str = "utf-8") -> pd.DataFrame:
        path = tmp_path / "survey.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return read_survey_file(path, catalogue)

    return read_lines
