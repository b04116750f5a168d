# What comes out when only the project and the region are said.
variables {
  project_id = "persona-project"
  region     = "europe-west3"
}

run "defaults_keep_deleted_artifacts_for_months" {
  command = plan

  assert {
    condition     = output.noncurrent_days == 90
    error_message = "Noncurrent versions are not kept for 90 days."
  }

  assert {
    condition     = output.soft_delete_seconds == 30 * 86400
    error_message = "Soft delete does not last 30 days."
  }
}

run "default_bucket_name_is_stable_and_hides_the_project" {
  command = plan

  assert {
    condition     = output.bucket_name == "dtc-personas-${substr(sha256("persona-project"), 0, 12)}"
    error_message = "The name does not follow from the project's id."
  }

  assert {
    condition     = !strcontains(output.bucket_name, "persona-project")
    error_message = "The name shows the project's id."
  }
}

run "another_project_gets_another_bucket" {
  command = plan

  variables {
    project_id = "another-project"
  }

  assert {
    condition     = output.bucket_name != run.default_bucket_name_is_stable_and_hides_the_project.bucket_name
    error_message = "Two projects would ask for the same bucket."
  }
}

run "null_means_the_default" {
  command = plan

  variables {
    bucket_name        = null
    service_account_id = null
    labels             = null
    noncurrent_days    = null
    soft_delete_days   = null
    kms_key_name       = null
  }

  assert {
    condition     = output.service_account_id == "dtc-persona-artifacts"
    error_message = "The account has no default name."
  }

  assert {
    condition     = output.noncurrent_days == 90
    error_message = "Null is not the default."
  }

  assert {
    condition     = output.kms_key_name == null
    error_message = "A key appeared from nowhere."
  }
}

run "labels_say_what_the_bucket_is_for" {
  command = plan

  variables {
    labels = { team = "insights" }
  }

  assert {
    condition     = output.labels == tomap({ team = "insights", product = "dtc-persona-pipeline", managed_by = "terraform" })
    error_message = "The labels are not ours and the given ones."
  }
}

run "given_settings_come_out" {
  command = plan

  variables {
    bucket_name      = "my_bucket-2"
    noncurrent_days  = 7
    soft_delete_days = 90
  }

  assert {
    condition     = output.bucket_name == "my_bucket-2"
    error_message = "The bucket is not named as asked."
  }

  assert {
    condition     = output.noncurrent_days == 7
    error_message = "Noncurrent versions are not kept as asked."
  }

  assert {
    condition     = output.soft_delete_seconds == 90 * 86400
    error_message = "Soft delete does not last as asked."
  }
}
