#!/usr/bin/env bash
# Run by whoever remembers, after a deployment of reports.
set -euo pipefail

ssh deploy@reports.harbourline.example 'docker compose -f /srv/reports/compose.production.yml exec -T reports alembic upgrade head'
