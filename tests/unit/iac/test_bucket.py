from collections.abc import Mapping
from typing import Any

import pytest

Block = Mapping[str, Any]


def may_delete_a_live_object(rule: Block) -> bool:
    """Tell whether a lifecycle rule could match an object that is in use.

    Google deletes an object when all conditions of a rule hold, so one that only noncurrent versions meet is enough.
    """
    (action,) = rule["action"]
    (condition,) = rule["condition"]
    if action["type"] == "AbortIncompleteMultipartUpload":  # touches unfinished uploads, never objects
        return False
    return bool(condition.get("with_state") != "ARCHIVED" or "days_since_noncurrent_time" not in condition)


def rule(action: str, **condition: Any) -> Block:
    return {"action": [{"type": action}], "condition": [condition]}


@pytest.mark.parametrize(
    "dangerous",
    [
        rule("Delete", age=365),
        rule("Delete", with_state="LIVE", age=365),
        rule("Delete", with_state="ANY", days_since_noncurrent_time=90),
        rule("Delete", num_newer_versions=3),
        rule("Delete", days_since_noncurrent_time=90),  # enough for Google; the rule shall also say so itself
        rule("Delete", with_state="ARCHIVED"),  # at once, without a stated time
        rule("SetStorageClass", age=30),
    ],
)
def test_a_rule_that_might_touch_live_objects_is_seen(dangerous: Block) -> None:
    assert may_delete_a_live_object(dangerous)


def test_no_lifecycle_rule_can_delete_a_live_model(bucket: Block) -> None:
    assert [rule for rule in bucket["lifecycle_rule"] if may_delete_a_live_object(rule)] == []
    assert "lifecycle_rule" not in {name for dynamic in bucket.get("dynamic", []) for name in dynamic}


def test_noncurrent_versions_go_after_the_time_that_the_settings_state(bucket: Block) -> None:
    deleting = [rule for rule in bucket["lifecycle_rule"] if rule["action"][0]["type"] == "Delete"]
    assert [rule["condition"][0]["days_since_noncurrent_time"] for rule in deleting] == [
        "${module.settings.noncurrent_days}"
    ]


def test_replaced_and_deleted_artifacts_can_be_had_back(bucket: Block) -> None:
    assert bucket["versioning"] == [{"enabled": True}]
    assert bucket["soft_delete_policy"] == [{"retention_duration_seconds": "${module.settings.soft_delete_seconds}"}]


def test_destroying_never_takes_objects_along(bucket: Block) -> None:
    assert bucket["force_destroy"] is False


def test_the_service_account_outlives_a_bucket_that_cannot_be_destroyed(bucket: Block) -> None:
    assert bucket["depends_on"] == ["${google_service_account.artifacts}"]


def test_the_public_is_kept_out(bucket: Block) -> None:
    assert bucket["public_access_prevention"] == "enforced"
    assert bucket["uniform_bucket_level_access"] is True


@pytest.mark.parametrize(
    ("argument", "setting"), [("name", "bucket_name"), ("location", "region"), ("labels", "labels")]
)
def test_name_place_and_labels_come_from_the_checked_settings(bucket: Block, argument: str, setting: str) -> None:
    assert bucket[argument] == f"${{module.settings.{setting}}}"


def test_a_key_encrypts_the_objects_only_when_one_is_named(bucket: Block) -> None:
    assert bucket["dynamic"] == [
        {
            "encryption": {
                "for_each": "${module.settings.kms_key_name[*]}",
                "content": [{"default_kms_key_name": "${encryption.value}"}],
            }
        }
    ]
