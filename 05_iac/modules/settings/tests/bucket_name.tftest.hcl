# https://cloud.google.com/storage/docs/buckets#naming
variables {
  project_id = "persona-project"
  region     = "europe-west3"
}

run "takes_the_shortest_name" {
  command = plan

  variables {
    bucket_name = "a1b"
  }

  assert {
    condition     = output.bucket_name == "a1b"
    error_message = "Three characters are enough."
  }
}

run "takes_the_longest_name" {
  command = plan

  variables {
    bucket_name = join("", [for _ in range(63) : "a"])
  }

  assert {
    condition     = length(output.bucket_name) == 63
    error_message = "63 characters are not too many."
  }
}

run "takes_a_name_that_only_resembles_a_reserved_one" {
  command = plan

  variables {
    bucket_name = "good-ogle-personas"
  }

  assert {
    condition     = output.bucket_name == "good-ogle-personas"
    error_message = "Only goog at the start, and google anywhere, are reserved."
  }
}

run "refuses_an_empty_name" {
  command = plan

  variables {
    bucket_name = ""
  }

  expect_failures = [var.bucket_name]
}

run "refuses_two_characters" {
  command = plan

  variables {
    bucket_name = "ab"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_64_characters" {
  command = plan

  variables {
    bucket_name = join("", [for _ in range(64) : "a"])
  }

  expect_failures = [var.bucket_name]
}

run "refuses_upper_case" {
  command = plan

  variables {
    bucket_name = "Personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_space" {
  command = plan

  variables {
    bucket_name = "dtc personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_letter_beyond_ascii" {
  command = plan

  variables {
    bucket_name = "persönas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_leading_hyphen" {
  command = plan

  variables {
    bucket_name = "-personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_trailing_hyphen" {
  command = plan

  variables {
    bucket_name = "personas-"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_leading_underscore" {
  command = plan

  variables {
    bucket_name = "_personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_slash" {
  command = plan

  variables {
    bucket_name = "personas/models"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_an_address" {
  command = plan

  variables {
    bucket_name = "gs://personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_trailing_line_break" {
  command = plan

  variables {
    bucket_name = "personas\n"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_an_ip_address" {
  command = plan

  variables {
    bucket_name = "192.168.5.4"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_domain" {
  command = plan

  variables {
    bucket_name = "personas.example.com"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_two_dots" {
  command = plan

  variables {
    bucket_name = "personas..models"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_the_prefix_goog" {
  command = plan

  variables {
    bucket_name = "goog-personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_the_word_google" {
  command = plan

  variables {
    bucket_name = "my-google-personas"
  }

  expect_failures = [var.bucket_name]
}

run "refuses_a_misspelt_google" {
  command = plan

  variables {
    bucket_name = "my-g00gle-personas"
  }

  expect_failures = [var.bucket_name]
}
