#!/bin/sh
# Print the lines for .env that pin the images by the digest that their registry has for them today, for all platforms.
# Look at what changed before you take new ones. Needs Docker with buildx, and the network.
set -eu
while read -r variable image; do
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
    echo "$variable=$image@$digest"
done <<'IMAGES'
PYTHON_IMAGE python:3.11-slim-bookworm
NGINX_IMAGE nginx:1.28-bookworm
POSTGRES_IMAGE postgres:17-bookworm
REDIS_IMAGE redis:7.2-bookworm
IMAGES
