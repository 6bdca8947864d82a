#!/bin/sh
# What the tests need beyond Python and make: Chromium for the pages, gettext to find texts without a translation, nginx
# to try the files of the proxy, systemd-analyze to try the units of a machine without Docker.
# Installed where this is Debian and we may (root, or sudo without a password), else named with the command to type.
set -eu
missing=
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium"
command -v xgettext >/dev/null && command -v msgfmt >/dev/null || missing="$missing gettext"
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$missing nginx-light"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi
if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
    echo "Installing$missing."
    log=$(mktemp)
    install="$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120"
    # RUNLEVEL=1: nothing that is installed is started.
    # Lists of words, split on purpose.
    # shellcheck disable=SC2086
    if { $install update && $install install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
echo "The tests need$missing: type 'sudo apt-get install$missing'; a Chromium elsewhere is named by CHROMIUM=/path." >&2
exit 1
