# https://cloud.google.com/iam/docs/service-accounts-create and https://cloud.google.com/storage/docs/tags-and-labels#bucket-labels
variables {
  project_id = "persona-project"
  region     = "europe-west3"
}

run "refuses_an_account_id_of_five_characters" {
  command = plan

  variables {
    service_account_id = "perso"
  }

  expect_failures = [var.service_account_id]
}

run "refuses_an_account_id_of_31_characters" {
  command = plan

  variables {
    service_account_id = join("", [for _ in range(31) : "a"])
  }

  expect_failures = [var.service_account_id]
}

run "refuses_an_account_id_that_is_an_address" {
  command = plan

  variables {
    service_account_id = "personas@persona-project.iam.gserviceaccount.com"
  }

  expect_failures = [var.service_account_id]
}

run "refuses_an_account_id_that_starts_with_a_digit" {
  command = plan

  variables {
    service_account_id = "1-personas"
  }

  expect_failures = [var.service_account_id]
}

run "refuses_an_account_id_in_upper_case" {
  command = plan

  variables {
    service_account_id = "Personas"
  }

  expect_failures = [var.service_account_id]
}

run "takes_60_labels" {
  command = plan

  variables {
    labels = { for number in range(60) : "label-${number}" => "" }
  }

  assert {
    condition     = length(output.labels) == 62
    error_message = "60 labels and our two."
  }
}

run "refuses_a_label_in_upper_case" {
  command = plan

  variables {
    labels = { Team = "insights" }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_that_starts_with_a_digit" {
  command = plan

  variables {
    labels = { "1st" = "insights" }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_key_of_64_characters" {
  command = plan

  variables {
    labels = { (join("", [for _ in range(64) : "a"])) = "insights" }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_value_in_upper_case" {
  command = plan

  variables {
    labels = { team = "Insights" }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_value_with_a_space" {
  command = plan

  variables {
    labels = { team = "customer insights" }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_value_of_64_characters" {
  command = plan

  variables {
    labels = { team = join("", [for _ in range(64) : "a"]) }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_without_a_value" {
  command = plan

  variables {
    labels = { team = null }
  }

  expect_failures = [var.labels]
}

run "refuses_a_label_of_ours" {
  command = plan

  variables {
    labels = { managed_by = "hand" }
  }

  expect_failures = [var.labels]
}

run "refuses_61_labels" {
  command = plan

  variables {
    labels = { for number in range(61) : "label-${number}" => "" }
  }

  expect_failures = [var.labels]
}

run "refuses_an_account_id_that_ends_with_a_hyphen" {
  command = plan

  variables {
    service_account_id = "personas-"
  }

  expect_failures = [var.service_account_id]
}
