"""JupyterLab itself: it starts as `make lab` starts it, shows plain Python as notebooks, and has the kernel they name."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from dtc_stack.lab_command import JUPYTER, KERNEL, NOTEBOOKS, jupyter_folders, lab_arguments, write_lab_files
from fakes.ports import free_port
from fakes.waiting import wait_until

pytestmark = pytest.mark.skipif(not JUPYTER.exists(), reason="JupyterLab is not installed: make test_lab does so")

TOKEN = secrets.token_hex(8)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server with a token of its own."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    write_lab_files(folder)
    environment = os.environ | jupyter_folders(folder) | {"JUPYTER_TOKEN": TOKEN}
    command = [str(JUPYTER), *lab_arguments(port, as_root=os.geteuid() == 0)]
    with Path(folder, "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address))
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/api", timeout=5).ok
    except requests.ConnectionError:
        return False


def asked(address: str, path: str, **options: Any) -> Any:
    response = requests.request(
        options.pop("method", "GET"),
        f"{address}/api/{path}",
        headers={"Authorization": f"token {TOKEN}"},
        timeout=60,
        **options,
    )
    response.raise_for_status()
    return response.json() if response.content else None


def test_nobody_gets_in_without_the_token(server: str) -> None:
    assert requests.get(f"{server}/api/contents", timeout=60).status_code == 403


def test_plain_python_opens_as_a_notebook_of_our_kernel(server: str) -> None:
    names = {entry["name"] for entry in asked(server, "contents")["content"]}
    assert {path.name for path in NOTEBOOKS.glob("*.py")} <= names
    notebook = asked(server, "contents/explore_waves.py?type=notebook")["content"]
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert (kinds[0], "code" in kinds) == ("markdown", True)
    assert notebook["metadata"]["kernelspec"]["name"] == KERNEL


def test_the_kernel_starts_and_it_is_the_only_one(server: str) -> None:
    assert set(asked(server, "kernelspecs")["kernelspecs"]) == {KERNEL}
    kernel = asked(server, "kernels", method="POST", json={"name": KERNEL})
    own = f"kernels/{kernel['id']}"
    wait_until(lambda: asked(server, own)["execution_state"] in {"starting", "idle"})
    asked(server, own, method="DELETE")


def test_a_notebook_runs_on_the_environment_of_the_tests(tmp_path: Path) -> None:
    write_lab_files(tmp_path)
    head = (NOTEBOOKS / "explore_waves.py").read_text().split("# %%", 1)[0]
    cell = "# %%\n# %matplotlib inline\nfrom dtc_model.lab import Bench, plot_means\nBench.__name__\n"
    Path(tmp_path, "small.py").write_text(head + cell)
    command = [str(JUPYTER.with_name("jupytext")), "--to", "ipynb", "--execute", "small.py"]
    environment = os.environ | jupyter_folders(tmp_path)
    done = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    notebook = json.loads(Path(tmp_path, "small.ipynb").read_text())
    assert notebook["cells"][-1]["outputs"][-1]["data"]["text/plain"] == ["'Bench'"]
