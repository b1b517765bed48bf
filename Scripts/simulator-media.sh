#!/usr/bin/env bash
# Makes the pictures and the sound that RingSimulator's media are put together from, and writes them as Swift source.
# Needs ffmpeg with libx264 and libx265, and Python with numpy. Takes a few minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHONDONTWRITEBYTECODE=1 exec python3 Scripts/simulator-media/make.py
