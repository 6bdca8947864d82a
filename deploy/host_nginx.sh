#!/bin/sh
# The proxy's files for Debian's own nginx (1.22 and later), without Docker:
#
#   sh deploy/host_nginx.sh /etc/nginx
#
# Writes nginx.conf and portal/ there. The certificate (tls/certificate.pem, tls/key.pem) is the operator's.
set -eu
to=${1:?where to, for example /etc/nginx}
from=$(dirname "$0")/nginx
mkdir -p "$to/portal"
cp -R "$from/." "$to/portal/"
mv "$to/portal/upstream-host.conf" "$to/portal/upstream.conf"
for file in "$to"/portal/*.conf; do
    # Logs where logrotate finds them, temporary files where Debian has made folders for them.
    sed -e 's# /tmp/# /var/lib/nginx/#g' -e 's#/dev/stdout#/var/log/nginx/access.log#' \
        -e 's#/dev/stderr#/var/log/nginx/error.log#' -e "s#/etc/nginx#$to#g" \
        "$file" >"$file.new"
    mv "$file.new" "$file"
done
sed -e '1i user www-data;' -e 's#include \([a-z]*\.conf\)#include portal/\1#' -e 's#listen 8080#listen 80#' \
    -e 's#listen 8443#listen 443#' -e 's#^pid .*#pid /run/nginx.pid;#' \
    "$to/portal/tls.conf" >"$to/nginx.conf"
rm "$to/portal/tls.conf" "$to/portal/plain.conf"
for file in "$to"/portal/*.conf; do
    sed -e "s#include \(error_headers.conf\)#include portal/\1#" "$file" >"$file.new"
    mv "$file.new" "$file"
done
