#!/usr/bin/env bash
# Makes the pictures of the simulator's page, light and dark, in a headless Chromium: Documentation/Pictures/simulator-*.png.
# Usage: Scripts/simulator-pictures.sh [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
folder=$(realpath -m "${1:-Documentation/Pictures}")
export RING_TEST_TARGETS=RingSimulator
"$swift" build --build-tests
Scripts/pictures.sh "^RingSimulatorTests\.PagePicturesTests" "$folder"
