variable "project_id" {
  description = "Id of the Google Cloud project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id (GOOGLE_CLOUD_PROJECT) has 6 to 30 lower-case letters, digits and hyphens, starts with a letter and does not end with a hyphen. It is neither the project's number nor its display name."
  }
}

variable "region" {
  description = "Region that the bucket is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "A region (GCP_REGION) looks like europe-west3: neither a zone (europe-west3-a) nor a multi-region (EU)."
  }
}

# https://cloud.google.com/storage/docs/buckets#naming
variable "bucket_name" {
  description = "Name of the bucket, unique in all of Google Cloud, or null for one made from the project's id."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "A bucket name (GCS_BUCKET_NAME) has 3 to 63 lower-case letters, digits, hyphens and underscores, and starts and ends with a letter or digit. Dots are not taken: they make a name a domain that Google asks you to own."
  }

  validation {
    condition     = var.bucket_name == null || !can(regex("^goog|g[o0][o0]g[l1i]e", var.bucket_name))
    error_message = "Google keeps bucket names (GCS_BUCKET_NAME) that start with goog, or hold google or something like it, for itself."
  }
}

variable "service_account_id" {
  description = "Id of the service account that uses the bucket: the part of its address before the @."
  type        = string
  default     = "dtc-persona-artifacts"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.service_account_id))
    error_message = "A service account id has 6 to 30 lower-case letters, digits and hyphens, starts with a letter and does not end with a hyphen."
  }
}

# https://cloud.google.com/storage/docs/tags-and-labels#bucket-labels
variable "labels" {
  description = "Labels of the bucket, beside our own."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.labels) : can(regex("^[a-z][a-z0-9_-]{0,62}$", key))])
    error_message = "A label's key has 1 to 63 lower-case letters, digits, hyphens and underscores, and starts with a letter."
  }

  validation {
    condition     = alltrue([for value in values(var.labels) : can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "A label's value has up to 63 lower-case letters, digits, hyphens and underscores."
  }

  validation {
    condition     = length(setintersection(keys(var.labels), keys(local.own_labels))) == 0
    error_message = "The labels product and managed_by are our own."
  }

  validation {
    condition     = length(var.labels) <= 60
    error_message = "A bucket has 64 labels at most; ours and the provider's leave room for 60."
  }
}

# The provider does not send 0, which would leave a rule that deletes every noncurrent version at once.
variable "noncurrent_days" {
  description = "Days after which a replaced or deleted version of an object is deleted."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = floor(var.noncurrent_days) == var.noncurrent_days && var.noncurrent_days >= 7 && var.noncurrent_days <= 3650
    error_message = "Noncurrent versions are kept for a whole number of days from 7 to 3650."
  }
}

# https://cloud.google.com/storage/docs/soft-delete
variable "soft_delete_days" {
  description = "Days for which a version that was deleted for good can still be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = floor(var.soft_delete_days) == var.soft_delete_days && var.soft_delete_days >= 7 && var.soft_delete_days <= 90
    error_message = "Soft delete lasts a whole number of days from 7 to 90. 0 would switch it off."
  }
}

variable "kms_key_name" {
  description = "Cloud KMS key that encrypts the objects, or null for Google's own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "A key is named projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY, without a version."
  }

  validation {
    condition     = var.kms_key_name == null || try(split("/", var.kms_key_name)[3] == var.region, true)
    error_message = "The key has to be in the bucket's region (GCP_REGION), or Google refuses it."
  }
}
