#!/usr/bin/env bash
# Two Python clients that others wrote, against the simulator of this package. Called by `make test`.
# Their packages go to a folder of their own outside the repository. Where they cannot be had this says SKIPPED;
# RING_REQUIRE_PEERS=1 turns that into a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${RING_CLIENTS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/ring-partner-swift/python-clients}

skip() {
    echo "SKIPPED: Python clients ($1)"
    if [ "${RING_REQUIRE_PEERS:-0}" = 1 ]; then exit 1; fi
    exit 0
}

if ! "$venv/bin/python" -c 'import ringpartner, ringwire' 2>/dev/null; then
    command -v python3 >/dev/null || skip "python3 is not installed"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "python3 is older than 3.11"
    python3 -m venv "$venv" 2>/dev/null || skip "python3 has no venv module"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" 2>/dev/null \
        || skip "the packages of $(basename "$here")/requirements.txt cannot be installed"
fi
(cd "$root" && ${SWIFT:-swift} build --product ringctl)
ringctl=$(cd "$root" && ${SWIFT:-swift} build --show-bin-path)/ringctl
exec "$venv/bin/python" "$here/clients.py" "$ringctl"
