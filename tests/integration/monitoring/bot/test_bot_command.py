"""The bot as the program that people start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.telegram import FakeTelegram

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "dtc_monitoring", "bot"]


def environment(**changes: str) -> dict[str, str]:
    nowhere = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "SEGMENTATION": "dtc_personas",
        "POSTGRES_PORT": "9",
    }
    login = {"POSTGRES_USER": "dtc", "POSTGRES_PASSWORD": "x", "POSTGRES_DBNAME": "dtc", "POSTGRES_HOST": "127.0.0.1"}
    return os.environ | nowhere | login | changes


def test_the_bot_answers_while_mlflow_is_down_never_prints_its_token_and_ends_in_peace(tmp_path: Path) -> None:
    with FakeTelegram() as server:
        settings = {"BOT_TOKEN": server.token, "CHAT_ID": server.chat_id, "TELEGRAM_API_URL": server.base_url}
        process = subprocess.Popen(
            COMMAND,
            env=environment(**settings),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            server.chat.write("/status")
            (answer,) = server.wait_for_messages(1)
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=300)
    assert "That could not be done now: the MLflow server at http://127.0.0.1:9" in answer.text
    assert (process.returncode, server.token in output) == (0, False)
    assert server.chat.updates == []


def test_a_bot_without_its_settings_ends_with_the_exit_code_of_settings(tmp_path: Path) -> None:
    result = subprocess.run(
        COMMAND,
        env=environment(BOT_TOKEN="", CHAT_ID=""),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 2
    assert "BOT_TOKEN and CHAT_ID not set" in result.stderr


def test_a_bot_that_runs_already_is_not_started_a_second_time_on_this_machine(tmp_path: Path) -> None:
    with FakeTelegram() as server:
        settings = {"BOT_TOKEN": server.token, "CHAT_ID": server.chat_id, "TELEGRAM_API_URL": server.base_url}
        # As no other test does, since they may run at the same time.
        here = environment(**settings, TMPDIR=str(tmp_path))
        first = subprocess.Popen(COMMAND, env=here, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            server.chat.write("/help")
            server.wait_for_messages(1)
            second = subprocess.run(
                COMMAND, env=here, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
            )
            server.chat.write("/help")
            server.wait_for_messages(2)
        finally:
            first.send_signal(signal.SIGKILL)
            first.wait(300)
        assert second.returncode == 12
        assert "runs on this machine already" in second.stderr
        assert (server.token in second.stderr, len(server.messages)) == (False, 2)
        third = subprocess.Popen(COMMAND, env=here, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            server.chat.write("/help")
            assert len(server.wait_for_messages(3)) == 3, "a killed bot keeps nobody out"
        finally:
            third.terminate()
            third.wait(300)
