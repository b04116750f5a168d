output "project_id" {
  description = "Id of the Google Cloud project."
  value       = var.project_id
}

output "region" {
  description = "Region that the bucket is in."
  value       = var.region
}

output "bucket_name" {
  description = "Name of the bucket."
  value       = coalesce(var.bucket_name, local.default_bucket_name)
}

output "service_account_id" {
  description = "Id of the service account that uses the bucket."
  value       = var.service_account_id
}

output "labels" {
  description = "All labels of the bucket."
  value       = tomap(merge(var.labels, local.own_labels))
}

output "noncurrent_days" {
  description = "Days after which a replaced or deleted version of an object is deleted."
  value       = var.noncurrent_days
}

output "soft_delete_seconds" {
  description = "Seconds for which a version that was deleted for good can still be restored."
  value       = var.soft_delete_days * local.seconds_per_day
}

output "kms_key_name" {
  description = "Cloud KMS key that encrypts the objects, or null for Google's own keys."
  value       = var.kms_key_name
}
