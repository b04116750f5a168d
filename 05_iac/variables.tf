# Null means the default of modules/settings, which also checks every value.

variable "project_id" {
  description = "Id of the Google Cloud project (GOOGLE_CLOUD_PROJECT in .env)."
  type        = string
}

variable "region" {
  description = "Region that the bucket is in (GCP_REGION in .env)."
  type        = string
}

variable "bucket_name" {
  description = "Name of the bucket (GCS_BUCKET_NAME in .env), or null for one made from the project's id."
  type        = string
  default     = null
}

variable "service_account_id" {
  description = "Id of the service account that uses the bucket."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of the bucket, beside our own."
  type        = map(string)
  default     = null
}

variable "noncurrent_days" {
  description = "Days after which a replaced or deleted version of an object is deleted."
  type        = number
  default     = null
}

variable "soft_delete_days" {
  description = "Days for which a version that was deleted for good can still be restored."
  type        = number
  default     = null
}

variable "kms_key_name" {
  description = "Cloud KMS key that encrypts the objects, or null for Google's own keys."
  type        = string
  default     = null
}
