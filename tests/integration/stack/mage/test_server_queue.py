"""Mage's server as it is started, with the queue of jobs that the stack puts into it."""

import os
import subprocess
import sys
from pathlib import Path

STARTED = """
from mage_ai.cli import main as command_line
from mage_ai.orchestration.job_manager import get_job_manager

from dtc_stack.mage import server

command_line.app = lambda: print(type(get_job_manager().queue).__name__)
server.main()
"""


def test_the_server_runs_with_our_queue(tmp_path: Path) -> None:
    own = {"MAGE_DATABASE_CONNECTION_URL": f"sqlite:///{tmp_path / 'mage.db'}", "MAGE_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=tmp_path, env=os.environ | own, capture_output=True, text=True, check=False
    )
    assert ended.stdout.splitlines()[-1] == "JobQueue", ended.stderr[-2000:]
