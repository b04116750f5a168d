# How long deleted artifacts can be had back, and who holds the key.
variables {
  project_id = "persona-project"
  region     = "europe-west3"
}

run "refuses_noncurrent_versions_for_no_day" {
  command = plan

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_noncurrent_versions_for_six_days" {
  command = plan

  variables {
    noncurrent_days = 6
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_noncurrent_versions_for_half_days" {
  command = plan

  variables {
    noncurrent_days = 7.5
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_noncurrent_versions_for_ages" {
  command = plan

  variables {
    noncurrent_days = 3651
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_noncurrent_versions_for_less_than_nothing" {
  command = plan

  variables {
    noncurrent_days = -90
  }

  expect_failures = [var.noncurrent_days]
}

run "refuses_soft_delete_for_no_day" {
  command = plan

  variables {
    soft_delete_days = 0
  }

  expect_failures = [var.soft_delete_days]
}

run "refuses_soft_delete_for_six_days" {
  command = plan

  variables {
    soft_delete_days = 6
  }

  expect_failures = [var.soft_delete_days]
}

run "refuses_soft_delete_for_half_days" {
  command = plan

  variables {
    soft_delete_days = 7.5
  }

  expect_failures = [var.soft_delete_days]
}

run "refuses_soft_delete_for_91_days" {
  command = plan

  variables {
    soft_delete_days = 91
  }

  expect_failures = [var.soft_delete_days]
}

run "takes_a_key_in_the_region" {
  command = plan

  variables {
    kms_key_name = "projects/keys/locations/europe-west3/keyRings/ring/cryptoKeys/personas"
  }

  assert {
    condition     = output.kms_key_name == "projects/keys/locations/europe-west3/keyRings/ring/cryptoKeys/personas"
    error_message = "The key came out changed."
  }
}

run "refuses_a_key_by_its_short_name" {
  command = plan

  variables {
    kms_key_name = "personas"
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_a_key_with_a_version" {
  command = plan

  variables {
    kms_key_name = "projects/keys/locations/europe-west3/keyRings/ring/cryptoKeys/personas/cryptoKeyVersions/1"
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_a_key_that_is_empty" {
  command = plan

  variables {
    kms_key_name = ""
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_a_key_in_another_region" {
  command = plan

  variables {
    kms_key_name = "projects/keys/locations/us-central1/keyRings/ring/cryptoKeys/personas"
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_a_key_everywhere" {
  command = plan

  variables {
    kms_key_name = "projects/keys/locations/global/keyRings/ring/cryptoKeys/personas"
  }

  expect_failures = [var.kms_key_name]
}
