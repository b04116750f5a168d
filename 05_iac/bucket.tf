resource "google_storage_bucket" "artifacts" {
  #checkov:skip=CKV_GCP_62:Access logs need a second bucket and tell less than Cloud Audit Logs, which the project's owner switches on (README.md)

  name     = module.settings.bucket_name
  location = module.settings.region
  labels   = module.settings.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Terraform never deletes artifacts: destroying a bucket that holds any is refused by Google.
  force_destroy = false

  versioning {
    enabled = true
  }

  # What is deleted for good by anybody, the service account included, can be restored this long.
  soft_delete_policy {
    retention_duration_seconds = module.settings.soft_delete_seconds
  }

  # A live object never matches: it has to be noncurrent, and to have been so for the stated time. Nothing else deletes.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      with_state                 = "ARCHIVED"
      days_since_noncurrent_time = module.settings.noncurrent_days
    }
  }

  # Parts of an upload that never ended are no object, and cost money unseen.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  dynamic "encryption" {
    for_each = module.settings.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  # Destroyed before the account: when Google refuses since artifacts are left, the account and its keys are still there.
  depends_on = [google_service_account.artifacts]
}
