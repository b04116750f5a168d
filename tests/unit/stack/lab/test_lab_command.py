"""How JupyterLab is started."""

import json
import sys
from pathlib import Path

from dtc_stack.lab_command import KERNEL, NOTEBOOKS, jupyter_folders, lab_arguments, write_lab_files


def test_the_lab_listens_on_this_machine_only_and_keeps_its_token() -> None:
    arguments = lab_arguments(8890, as_root=False)
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--ServerApp.port=8890" in arguments
    assert not [argument for argument in arguments if "token" in argument or "password" in argument]
    assert "--allow-root" not in arguments
    assert "--allow-root" in lab_arguments(8890, as_root=True)


def test_notebooks_name_the_kernel_that_is_written(tmp_path: Path) -> None:
    write_lab_files(tmp_path)
    folders = jupyter_folders(tmp_path)
    kernel = json.loads(Path(folders["JUPYTER_DATA_DIR"], "kernels", KERNEL, "kernel.json").read_text())
    assert kernel["argv"][0] == sys.executable
    for notebook in NOTEBOOKS.glob("*.py"):
        assert f"#     name: {KERNEL}\n" in notebook.read_text()


def test_nothing_of_jupyter_is_written_into_the_home_folder(tmp_path: Path) -> None:
    assert all(Path(folder).is_relative_to(tmp_path) for folder in jupyter_folders(tmp_path).values())
