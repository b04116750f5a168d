locals {
  own_labels = {
    product    = "dtc-persona-pipeline"
    managed_by = "terraform"
  }

  # Anybody can ask whether a bucket exists, so its name does not show the project's id; the same project gives the same name.
  default_bucket_name = "dtc-personas-${substr(sha256(var.project_id), 0, 12)}"

  seconds_per_day = 24 * 60 * 60
}
