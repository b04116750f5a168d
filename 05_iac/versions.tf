terraform {
  required_version = "~> 1.11"

  required_providers {
    google = {
      source = "hashicorp/google"
      # Exact, because the lock file that would hold it comes with the first `terraform init` (README.md).
      version = "7.7.0"
    }
  }
}
