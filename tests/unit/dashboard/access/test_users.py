"""Users in a file: hashed, checked, and followed while the pages run."""

from pathlib import Path

import pytest
from dtc_dashboard.access import UserFile, write_user
from dtc_dashboard.errors import UsersFileError

PASSWORD = "correct horse battery"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    write_user(path, "anna", "approver", PASSWORD)
    return path


def test_the_password_is_hashed_and_the_file_is_the_owner_s_alone(path: Path) -> None:
    assert PASSWORD not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_only_the_right_password_fits(path: Path) -> None:
    users = UserFile(path)
    found = users.check("anna", PASSWORD)
    assert found is not None
    assert found.role == "approver"
    assert users.check("anna", "another password") is None
    assert users.check("berta", PASSWORD) is None


def test_an_added_user_and_a_changed_password_count_at_once(path: Path) -> None:
    users = UserFile(path)
    assert not write_user(path, "berta", "viewer", "another password")
    assert write_user(path, "anna", "viewer", "a newer password")
    assert users.check("berta", "another password") is not None
    assert users.check("anna", PASSWORD) is None
    changed = users.check("anna", "a newer password")
    assert changed is not None
    assert changed.role == "viewer"


def test_without_a_file_there_is_nobody(tmp_path: Path) -> None:
    assert UserFile(None).is_empty
    assert UserFile(tmp_path / "none").check("anna", PASSWORD) is None


def test_a_broken_line_is_named_and_later_keeps_the_last_users(path: Path) -> None:
    users = UserFile(path)
    path.write_text("# ours\nanna approver plain-text\n")
    assert users.check("anna", PASSWORD) is not None
    with pytest.raises(UsersFileError, match="line 2"):
        UserFile(path)


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [("anna", "short", "at least 10"), ("an na", PASSWORD, "name"), ("", PASSWORD, "name")],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, name: str, password: str, told: str) -> None:
    with pytest.raises(UsersFileError, match=told):
        write_user(tmp_path / "users", name, "viewer", password)
    assert not (tmp_path / "users").exists()
