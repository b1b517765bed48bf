# To be sourced: makes the Python environment of the peers, and sets `venv`, `root`, `ringctl` and `chromium`.
# Python packages go to a folder of their own outside the repository. Where they cannot be had this says SKIPPED and ends the
# script; RING_REQUIRE_PEERS=1 turns that into a failure.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${RING_PEER_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/ring-partner-swift/whep-peer}

skip() {
    echo "SKIPPED: ${what:-real WebRTC peers} ($1)"
    if [ "${RING_REQUIRE_PEERS:-0}" = 1 ]; then exit 1; fi
    exit 0
}

if ! "$venv/bin/python" -c 'import aiortc, aiohttp' 2>/dev/null; then
    command -v python3 >/dev/null || skip "python3 is not installed"
    python3 -m venv "$venv" 2>/dev/null || skip "python3 has no venv module"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" 2>/dev/null \
        || skip "the packages of $(basename "$here")/requirements.txt cannot be installed"
fi
(cd "$root" && ${SWIFT:-swift} build --product ringctl)
ringctl=$(cd "$root" && ${SWIFT:-swift} build --show-bin-path)/ringctl
chromium=$(command -v chromium || command -v chromium-browser || true)
