# Names and settings are decided in modules/settings, which needs no provider and is tested without Google.
module "settings" {
  source = "./modules/settings"

  project_id         = var.project_id
  region             = var.region
  bucket_name        = var.bucket_name
  service_account_id = var.service_account_id
  labels             = var.labels
  noncurrent_days    = var.noncurrent_days
  soft_delete_days   = var.soft_delete_days
  kms_key_name       = var.kms_key_name
}

provider "google" {
  project = module.settings.project_id
  region  = module.settings.region
}
