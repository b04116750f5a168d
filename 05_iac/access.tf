resource "google_service_account" "artifacts" {
  account_id   = module.settings.service_account_id
  display_name = "DTC Persona Pipeline: model artifacts"
  description  = "Reads and writes the objects of one bucket, and nothing else."
}

# MLflow creates, reads, lists, overwrites (a repeated upload) and deletes (`mlflow gc`) objects. objectUser allows that, and
# neither access policies nor the bucket's own settings. It is given on the bucket, so it holds nowhere else in the project.
resource "google_storage_bucket_iam_member" "artifacts" {
  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.objectUser"
  member = google_service_account.artifacts.member
}
