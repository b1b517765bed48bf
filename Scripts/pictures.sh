#!/usr/bin/env bash
# Runs the tests that make pictures, which are built already, and makes the pictures small. The other scripts of pictures call it.
# Usage: Scripts/pictures.sh FILTER FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
for program in chromium chromedriver ffmpeg; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install chromium chromium-driver ffmpeg" >&2; exit 1; }
done
folder=$2
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
mkdir -p "$folder"
RING_PICTURES=$raw "${SWIFT:-swift}" test --skip-build --filter "$1"
# A palette makes them a third as large.
for picture in "$raw"/*.png; do
    ffmpeg -loglevel error -y -i "$picture" -vf "split[a][b];[a]palettegen=max_colors=160[p];[b][p]paletteuse=dither=none" \
        "$folder/$(basename "$picture")"
    ls -l "$folder/$(basename "$picture")"
done
