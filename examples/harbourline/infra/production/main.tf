terraform {
  required_version = ">= 1.9"
  backend "s3" {
    bucket = "harbourline-terraform"
    key    = "production"
    region = "eu-north-1"
  }
}

provider "aws" {
  region = "eu-north-1"
}

resource "aws_eks_cluster" "harbourline" {
  name     = "harbourline-production"
  role_arn = var.role_arn

  vpc_config {
    subnet_ids = var.subnet_ids
  }
}
