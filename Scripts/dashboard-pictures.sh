#!/usr/bin/env bash
# Makes the pictures of the dashboard, light and dark, in a headless Chromium: Documentation/Pictures/dashboard-*.png.
# Usage: Scripts/dashboard-pictures.sh [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
folder=$(realpath -m "${1:-Documentation/Pictures}")
"$swift" build --package-path Examples --product Dashboard
programs=$("$swift" build --package-path Examples --show-bin-path)
export RING_EXAMPLES=$programs RING_TEST_TARGETS=Examples
"$swift" build --build-tests
Scripts/pictures.sh "^ExamplesTests\.DashboardPicturesOfDocumentation" "$folder"
