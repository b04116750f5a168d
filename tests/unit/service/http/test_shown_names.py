"""What the commands print, whatever personas are called."""

import pytest
from click.testing import CliRunner
from dtc_service import commands
from dtc_service.http import ExampleResponse

NAMES = ("[/] Bea", "[red]Theo[/red]", "[bold")


def test_brackets_in_names_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "send_examples", lambda *_: ExampleResponse(NAMES, (1, 2, 3), NAMES, "2"))
    result = CliRunner().invoke(commands.main, ["predict"])
    assert result.exit_code == 0, result.output
    assert all(name in result.output for name in NAMES)
