#!/bin/sh
# Make .venv with the locked dependencies, or bring it up to date. Nothing is done when it is so already.
set -eu
cd "$(dirname "$0")/.."
lock=requirements-dev.txt
installed=.venv/installed-$lock # a copy, not a time: changing branches changes times

if .venv/bin/python -c '' 2>/dev/null && cmp -s $lock "$installed"; then exit 0; fi

for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi
    python=
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed: install it, or name it, for example 'make run PYTHON=/opt/python/bin/python3'." >&2
    exit 1
fi
if ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python has no venv or pip: on Debian type 'apt-get install python3-venv' (as root)." >&2
        exit 1
    fi
    "$python" -m venv .venv
fi
echo "Installing the locked dependencies into .venv; this takes a minute, once."
rm -f .venv/installed-*
install() {
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --progress-bar off \
        --require-hashes --no-deps --requirement "$@"
}
install requirements-build.txt
install $lock --use-pep517 --no-build-isolation # whatever is built is built by what was just installed
# The repo itself is importable from anywhere, so that .venv/bin/pytest works as `python -m pytest` does.
echo ../../../.. >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/portal.pth"
cp $lock "$installed"
