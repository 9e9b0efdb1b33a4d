#!/usr/bin/env bash
# Deploy one service to one environment: deploy.sh SERVICE ENVIRONMENT
set -euo pipefail

service="$1"
environment="$2"

kubectl --context "$environment" apply -f "k8s/$environment/$service.yml"
kubectl --context "$environment" set image "deployment/$service" "$service=registry.harbourline.example/$service:$GITHUB_SHA"
kubectl --context "$environment" rollout status "deployment/$service" --timeout=5m
