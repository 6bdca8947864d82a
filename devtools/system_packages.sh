#!/bin/sh
# What the tests need beyond Python and make: Chromium for the pages, gettext to find texts without a translation, nginx
# and openssl to try the files of the proxy, systemd-analyze to try the units of a machine without Docker, promtool to try the
# alarm rules. And, where Debian's packages can be had, Firefox and Apache's mod_auth_openidc: without each two tests are left
# out.
# Installed where this is Debian and we may (root, or sudo without a password), else named with the command to type; where
# there is no apt-get, by Debian's names.
set -eu
missing=
[ -x "${CHROMIUM:-$(command -v chromium || echo /usr/bin/chromium)}" ] || missing="$missing chromium"
command -v xgettext >/dev/null && command -v msgfmt >/dev/null || missing="$missing gettext"
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$missing nginx-light"
command -v openssl >/dev/null || missing="$missing openssl"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
command -v promtool >/dev/null || missing="$missing prometheus"
firefox=
[ -n "${FIREFOX:-}" ] || command -v firefox-esr >/dev/null || command -v firefox >/dev/null || firefox=" firefox-esr"
apache=
[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || apache=" apache2-bin libapache2-mod-auth-openidc"
[ -n "$missing$firefox$apache" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi
command -v apt-get >/dev/null || as_root=no
# RUNLEVEL=1: nothing that is installed is started.
apt="$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Lists of words, split on purpose.
# shellcheck disable=SC2086
install() {
    echo "Installing$*."
    $apt update >"$log" 2>&1 </dev/null && $apt install -y --no-install-recommends $* >"$log" 2>&1 </dev/null
}
how_to_get() {
    if command -v apt-get >/dev/null; then echo "type 'sudo apt-get install$1'"; else echo "install$1 (Debian's names)"; fi
}

if [ -n "$missing" ] && { [ "$as_root" = no ] || ! install "$missing"; }; then
    tail -n 5 "$log" >&2
    echo "The tests need$missing: $(how_to_get "$missing"); a Chromium elsewhere is named by CHROMIUM=/path." >&2
    exit 1
fi
if [ -n "$firefox" ] && { [ "$as_root" = no ] || ! install "$firefox"; }; then
    echo "Without Firefox two tests are left out: $(how_to_get "$firefox"), or name one by FIREFOX=/path."
fi
if [ -n "$apache" ] && { [ "$as_root" = no ] || ! install "$apache"; }; then
    echo "Without mod_auth_openidc two tests are left out: $(how_to_get "$apache")."
fi
