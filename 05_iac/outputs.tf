locals {
  env = {
    GOOGLE_CLOUD_PROJECT = google_storage_bucket.artifacts.project
    GCP_REGION           = module.settings.region
    GCS_BUCKET_NAME      = google_storage_bucket.artifacts.name
  }
}

output "env" {
  description = "Settings that .env needs, by name."
  value       = local.env
}

output "env_lines" {
  description = "The same as lines for .env."
  value       = join("\n", [for name, value in local.env : "${name}=${value}"])
}

output "service_account_email" {
  description = "The service account that may use the bucket's objects."
  value       = google_service_account.artifacts.email
}
