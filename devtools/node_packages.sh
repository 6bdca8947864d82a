#!/bin/sh
# openid-client, which tests/sso/foreign signs people in with: the locked packages of that folder into .venv/node, each
# with its integrity, none of their scripts run. Where that cannot be done one line says so, and a test is left out.
set -u
cd "$(dirname "$0")/.."
from=tests/sso/foreign to=.venv/node

if cmp -s $from/package-lock.json $to/node_modules/installed-lock.json; then exit 0; fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "Without Node 20 and npm the test with openid-client is left out."
    exit 0
fi
mkdir -p $to
cp $from/package.json $from/package-lock.json $to/
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if (cd $to && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 </dev/null; then
    cp $to/package-lock.json $to/node_modules/installed-lock.json
else
    rm -rf $to/node_modules
    tail -n 3 "$log" >&2
    echo "openid-client could not be installed; the test with it is left out."
fi
