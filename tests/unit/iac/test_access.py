from collections.abc import Mapping
from pathlib import Path
from typing import Any

Block = Mapping[str, Any]


def test_nothing_is_made_but_the_bucket_its_account_and_their_binding(resources: dict[str, Block]) -> None:
    # No key of the account, no right in the project, no second reader: each would be a resource of its own.
    assert set(resources) == {
        "google_storage_bucket.artifacts",
        "google_service_account.artifacts",
        "google_storage_bucket_iam_member.artifacts",
    }


def test_the_account_may_use_the_objects_of_this_bucket_and_nothing_else(resources: dict[str, Block]) -> None:
    assert resources["google_storage_bucket_iam_member.artifacts"] == {
        "bucket": "${google_storage_bucket.artifacts.name}",
        "role": "roles/storage.objectUser",
        "member": "${google_service_account.artifacts.member}",
    }


def test_only_the_settings_module_is_called(modules: dict[str, Block]) -> None:
    assert {name: module["source"] for name, module in modules.items()} == {"settings": "./modules/settings"}


def test_no_credentials_lie_in_the_folder(iac_folder: Path) -> None:
    files = [path for path in iac_folder.rglob("*") if path.is_file() and ".terraform" not in path.parts]
    assert files
    for path in files:
        assert "PRIVATE KEY" not in path.read_text(encoding="utf-8", errors="replace"), path
