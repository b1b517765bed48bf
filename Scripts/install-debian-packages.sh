#!/usr/bin/env bash
# Installs the Debian packages that this project is built and checked with, and those named as arguments, if they are missing. Does
# nothing on other systems. With --build first, only what it is built with.
set -euo pipefail
[ "$(uname -s)" = Linux ] || exit 0
command -v swift >/dev/null 2>&1 || { echo "The Swift toolchain is missing: see https://www.swift.org/install/" >&2; exit 1; }
command -v dpkg-query >/dev/null 2>&1 || exit 0

is_build=
if [ "${1:-}" = --build ]; then
    is_build=yes
    shift
fi
needed=(libssl-dev libcurl4-openssl-dev libsqlite3-dev libmicrohttpd-dev libpq-dev "$@")
missing=()
for package in "${needed[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if [ -z "$is_build" ]; then
    # The checks of documentation, public API and vocabulary are Python programs without further packages.
    command -v python3 >/dev/null 2>&1 || missing+=(python3)
    # Used by some tests, and by the demo to check the clip; they say so when it is missing. It brings hundreds of packages.
    command -v ffprobe >/dev/null 2>&1 || missing+=(ffmpeg)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "Install as root, then run again: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
echo "Installing Debian packages: ${missing[*]} …"
export DEBIAN_FRONTEND=noninteractive
install() { "${as_root[@]}" apt-get install -y --no-install-recommends "$@" >/dev/null; }
install "${missing[@]}" 2>/dev/null || { "${as_root[@]}" apt-get update -q >/dev/null && install "${missing[@]}"; }
