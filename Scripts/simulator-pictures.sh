#!/usr/bin/env bash
# Makes the pictures of the simulator's page, light and dark, in a headless Chromium: Documentation/Pictures/simulator-*.png.
# Usage: Scripts/simulator-pictures.sh [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
for program in chromium chromedriver ffmpeg; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install chromium chromium-driver ffmpeg" >&2; exit 1; }
done
folder=$(realpath -m "${1:-Documentation/Pictures}")
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
mkdir -p "$folder"
export RING_TEST_TARGETS=RingSimulator
"$swift" build --build-tests
RING_PICTURES=$raw "$swift" test --skip-build --filter "^RingSimulatorTests\.PagePicturesTests"
# A palette makes them a third as large.
for picture in "$raw"/*.png; do
    ffmpeg -loglevel error -y -i "$picture" -vf "split[a][b];[a]palettegen=max_colors=160[p];[b][p]paletteuse=dither=none" \
        "$folder/$(basename "$picture")"
done
ls -l "$folder"
