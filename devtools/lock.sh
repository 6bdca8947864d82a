#!/bin/sh
# Resolve pyproject.toml into the requirement files: every package with its version and the hashes of all its files,
# for every platform, and no address. What is locked stays as it is unless it no longer fits; UPGRADE=1 renews it all.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check uv
resolve() {
    "$work/venv/bin/uv" pip compile --quiet --no-config --cache-dir "$work/cache" --universal --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --no-emit-index-url ${UPGRADE:+--upgrade} "$@" >/dev/null
}
resolve --extra dev pyproject.toml --output-file requirements-dev.txt
resolve --constraint requirements-dev.txt pyproject.toml --output-file requirements.txt
resolve --constraint requirements.txt --group peers --output-file requirements-peers.txt
for group in build audit attack; do resolve --group $group --output-file requirements-$group.txt; done
if grep -nE '://|^-|(^|[ (])/' requirements*.txt; then
    echo "The lines above must not be in a requirement file." >&2
    exit 1
fi
