"""LibreOffice, where this machine has it: it computes workbooks as a person's spreadsheet would."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from fakes.workbooks import Recalculate
from openpyxl import Workbook


@pytest.fixture(scope="session")
def recalculate(tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """Open a workbook in LibreOffice, save it, and return what its cells show."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here (.ci/office installs it on Debian, as root)")
    profile = tmp_path_factory.mktemp("office")

    def run(path: Path) -> Workbook:
        out = path.parent / "computed"
        command = [
            office,
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(out),
            str(path),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert (out / path.name).is_file(), done.stdout + done.stderr
        return openpyxl.load_workbook(out / path.name, data_only=True)

    return run
