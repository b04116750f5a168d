# https://cloud.google.com/resource-manager/docs/creating-managing-projects
variables {
  project_id = "persona-project"
  region     = "europe-west3"
}

run "takes_the_longest_project_id" {
  command = plan

  variables {
    project_id = join("", [for _ in range(30) : "a"])
  }

  assert {
    condition     = length(output.project_id) == 30
    error_message = "30 characters are not too many."
  }
}

run "refuses_a_project_id_that_is_empty" {
  command = plan

  variables {
    project_id = ""
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_of_five_characters" {
  command = plan

  variables {
    project_id = "abcde"
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_of_31_characters" {
  command = plan

  variables {
    project_id = join("", [for _ in range(31) : "a"])
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_that_is_a_number" {
  command = plan

  variables {
    project_id = "123456789012"
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_in_upper_case" {
  command = plan

  variables {
    project_id = "Persona-Project"
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_that_is_a_display_name" {
  command = plan

  variables {
    project_id = "Persona project"
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_that_ends_with_a_hyphen" {
  command = plan

  variables {
    project_id = "persona-project-"
  }

  expect_failures = [var.project_id]
}

run "refuses_a_project_id_with_an_underscore" {
  command = plan

  variables {
    project_id = "persona_project"
  }

  expect_failures = [var.project_id]
}

run "takes_the_region_northamerica_northeast1" {
  command = plan

  variables {
    region = "northamerica-northeast1"
  }

  assert {
    condition     = output.region == "northamerica-northeast1"
    error_message = "The region came out changed."
  }
}

run "takes_the_region_europe_west12" {
  command = plan

  variables {
    region = "europe-west12"
  }

  assert {
    condition     = output.region == "europe-west12"
    error_message = "The region came out changed."
  }
}

run "refuses_an_empty_region" {
  command = plan

  variables {
    region = ""
  }

  expect_failures = [var.region]
}

run "refuses_a_zone" {
  command = plan

  variables {
    region = "europe-west3-a"
  }

  expect_failures = [var.region]
}

run "refuses_a_multi_region" {
  command = plan

  variables {
    region = "EU"
  }

  expect_failures = [var.region]
}

run "refuses_a_capital_in_the_region" {
  command = plan

  variables {
    region = "Europe-west3"
  }

  expect_failures = [var.region]
}

run "refuses_a_region_without_its_number" {
  command = plan

  variables {
    region = "europe-west"
  }

  expect_failures = [var.region]
}
