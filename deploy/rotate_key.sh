#!/bin/sh
# Changes one key while the portal goes on; nothing that is open is lost (docs/keys.md).
#
#   sh deploy/rotate_key.sh KEY          announce, restart, use, restart
#   sh deploy/rotate_key.sh KEY retire   later, when docs/keys.md says so: stop accepting the old one, restart
#
# KEY: secret_key, codes_key, factors_key, tokens_key or fingerprints_key. With Compose as it is; without Docker:
#   STEP="python3 deploy/rotate_key.py KEY /etc/tamin-portal/secrets"
#   RESTART="systemctl restart tamin-portal-web tamin-portal-codes tamin-portal-texts tamin-portal-work"
# where KEY is replaced by the key's name.
set -eu
key=${1:?KEY: secret_key, codes_key, factors_key, tokens_key or fingerprints_key}
compose="docker compose -f docker-compose.yml"
STEP=${STEP:-$compose run --rm secrets python deploy/rotate_key.py KEY /run/portal /run/handed-out}
RESTART=${RESTART:-$compose restart --no-deps web codes texts work}
step=$(printf %s "$STEP" | sed "s/\bKEY\b/$key/")
case "${2:-}" in
"")
    $step announce
    $RESTART
    $step use
    $RESTART
    ;;
retire)
    $step retire
    $RESTART
    ;;
*)
    echo "$2: retire, or nothing." >&2
    exit 2
    ;;
esac
