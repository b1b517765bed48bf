#!/usr/bin/env bash
# Makes the clip and the stills that RingSimulator serves, and writes them as Swift source. Needs ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ffmpeg -y -loglevel error -f lavfi -i testsrc2=size=320x180:rate=12:duration=4 -c:v libx264 -profile:v high \
    -preset veryslow -pix_fmt yuv420p -crf 36 -movflags +faststart "$work/clip.mp4"
ffmpeg -y -loglevel error -i "$work/clip.mp4" -frames:v 1 -q:v 12 "$work/still.jpg"
ffmpeg -y -loglevel error -i "$work/clip.mp4" -frames:v 1 -vf scale=96:54 "$work/still.png"

constant() { # name, file, comment
    printf '    /// %s\n    static let %s = """\n' "$3" "$1"
    base64 -w 104 "$2" | sed 's/^/        /; s/$/\\/'
    printf '\n        """\n'
}
media=Sources/RingSimulator/Media
head='// Made by Scripts/simulator-media.sh; not written by hand.\n\nextension MediaFiles {\n'
{ printf "$head"
  constant clipText "$work/clip.mp4" "Four seconds of H.264 High, 320 × 180, twelve pictures a second, in Base64."
  echo '}'; } > "$media/MediaFiles+Clip.swift"
{ printf "$head"
  constant jpegText "$work/still.jpg" "The first picture of the clip as JPEG, in Base64."
  echo
  constant pngText "$work/still.png" "The first picture of the clip, smaller, as PNG, in Base64."
  echo '}'; } > "$media/MediaFiles+Stills.swift"
