#!/usr/bin/env bash
# Makes a release archive of ringctl in ./dist with its checksum: the program, the completions of three shells, the licence.
# The program needs no Swift on the machine it runs on; it needs the C libraries that Documentation/CommandLine.md names.
# Usage: Scripts/dist.sh [--program RINGCTL]     archives a program that was built already
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
if [ "${1:-}" = --program ]; then
    program=$2
else
    "$swift" build -c release --product ringctl --static-swift-stdlib
    program=$("$swift" build -c release --show-bin-path --static-swift-stdlib)/ringctl
fi
version=$("$program" version)
name=${version/ /-}-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions" dist
cp "$program" "$work/$name/ringctl"
strip "$work/$name/ringctl"
cp LICENSE "$work/$name/"
"$program" completions bash >"$work/$name/completions/ringctl.bash"
"$program" completions zsh >"$work/$name/completions/_ringctl"
"$program" completions fish >"$work/$name/completions/ringctl.fish"
# The same bytes from the same commit: names in order, no owner, the commit's time.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -C "$work" -cf - "$name" |
    gzip -n9 >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
# It must run as it was packed.
tar -xzf "dist/$name.tar.gz" -C "$work" --one-top-level=unpacked
[ "$("$work/unpacked/$name/ringctl" version)" = "$version" ]
echo "dist/$name.tar.gz: $(stat -c %s "dist/$name.tar.gz") bytes; its checksum is in dist/$name.tar.gz.sha256"
