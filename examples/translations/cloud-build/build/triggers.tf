resource "google_cloudbuild_trigger" "cart_staging" {
  name     = "cart-staging"
  filename = "build/cart-staging.cloudbuild.yaml"

  github {
    owner = "example"
    name  = "shop"
    push {
      branch = "^main$"
    }
  }
}

resource "google_cloudbuild_trigger" "cart_production" {
  name     = "cart-production"
  filename = "build/cart-production.cloudbuild.yaml"

  github {
    owner = "example"
    name  = "shop"
    push {
      branch = "^main$"
    }
  }

  approval_config {
    approval_required = true
  }
}

resource "google_cloudbuild_trigger" "catalog_staging" {
  name     = "catalog-staging"
  filename = "build/catalog-staging.cloudbuild.yaml"

  github {
    owner = "example"
    name  = "shop"
    push {
      branch = "^main$"
    }
  }
}

resource "google_cloudbuild_trigger" "catalog_production" {
  name     = "catalog-production"
  filename = "build/catalog-production.cloudbuild.yaml"

  github {
    owner = "example"
    name  = "shop"
    push {
      branch = "^main$"
    }
  }

  approval_config {
    approval_required = true
  }
}
