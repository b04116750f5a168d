"""The command behind ``make lab``: JupyterLab on the stack's data and registry."""

import json
import os
import sys
from pathlib import Path
from typing import Final

import click
from dtc_data.core import DtcCommand, read_settings

from dtc_stack.errors import StackError
from dtc_stack.settings import PROJECT_FOLDER, StackSettings

HOST: Final = "127.0.0.1"
"""Whoever reaches the Lab runs programs as its user, so nobody does from another machine."""
JUPYTER: Final = PROJECT_FOLDER / ".venv-lab" / "bin" / "jupyter"
NOTEBOOKS: Final = PROJECT_FOLDER / "01_model" / "lab"
KERNEL: Final = "dtc"
"""Name of the kernel in the notebooks' first lines."""


@click.command(cls=DtcCommand)
@click.option(
    "--port", type=click.IntRange(1024, 65535), default=8888, show_default=True, help="The next free one if taken."
)
def lab(port: int) -> None:
    """Open JupyterLab until it is interrupted; it prints the address with its token."""
    if not JUPYTER.exists():
        raise StackError("JupyterLab is not installed: make lab does so")
    folder = read_settings(StackSettings).state_folder.absolute() / "lab"
    write_lab_files(folder)
    environment = os.environ | jupyter_folders(folder)
    arguments = [str(JUPYTER), *lab_arguments(port, as_root=os.geteuid() == 0)]
    os.execve(JUPYTER, arguments, environment)  # noqa: S606 - a program of ours with arguments of ours


def lab_arguments(port: int, *, as_root: bool) -> list[str]:
    """Return the arguments for jupyter: on this machine only, with a token, and without asking the network for anything."""
    options = {
        "ServerApp.ip": HOST,
        "ServerApp.port": str(port),
        "ServerApp.root_dir": str(NOTEBOOKS),
        "ServerApp.open_browser": "False",
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "MultiKernelManager.default_kernel_name": KERNEL,
        "KernelSpecManager.allowed_kernelspecs": KERNEL,
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return ["lab", *given, *(["--allow-root"] if as_root else [])]


def jupyter_folders(folder: Path) -> dict[str, str]:
    """Return the environment that keeps all of Jupyter's own files in one folder."""
    names = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    own = {f"JUPYTER_{name}_DIR": str(folder / below) for name, below in names.items()}
    return own | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def write_lab_files(folder: Path) -> None:
    """Write the kernel, which is this environment with all that the tests ran on, and that Python files open as notebooks."""
    kernel = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "DTC",
        "language": "python",
    }
    settings = {
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"python": "Jupytext Notebook"}},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    for path, document in (
        (folder / "data" / "kernels" / KERNEL / "kernel.json", kernel),
        (folder / "config" / "labconfig" / "default_setting_overrides.json", settings),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
