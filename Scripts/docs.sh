#!/usr/bin/env bash
# One static site in ./site: the reference of every library product, the articles of Documentation, and a search. Any warning of
# DocC and any dead link fails; every module is tried.
#   Scripts/docs.sh               all modules
#   SITE_BASE=/docs Scripts/docs.sh   for a site that is served under /docs
#   Scripts/docs.sh RingDevices   these modules
# Works on the ordinary debug build, or on one in another folder: SCRATCH=.build/docs Scripts/docs.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# The articles are read by a Debian package of Python; elsewhere: pip install markdown-it-py.
Scripts/install-debian-packages.sh python3-markdown-it
python=python3
"$python" -c 'import markdown_it' 2>/dev/null || python=/usr/bin/python3
"$python" Scripts/docs-site/test_build.py
command -v docc >/dev/null 2>&1 || { echo "docc is missing: it comes with the Swift toolchain" >&2; exit 1; }

scratch=${SCRATCH:-.build}
base=${SITE_BASE:-}
base=${base#/}
base=${base%/}
graphs=.build/symbol-graphs
log=.build/docs-build.log
mkdir -p "$graphs" site

build() {
    swift build --scratch-path "$scratch" "$@" >"$log" 2>&1 && return
    grep -E 'error:' "$log" >&2 || tail -40 "$log" >&2
    echo "the build for the reference failed; all of its output: $log" >&2
    return 1
}
build
# Nothing needs Apple's transport on Linux, so a plain build leaves it out.
build --target RingURLSession
module_folder=$(swift build --scratch-path "$scratch" --show-bin-path)/Modules
target=$(swift -print-target-info | sed -n 's/.*"triple": "\([^"]*\)".*/\1/p' | head -1)
c_modules=()
for map in Sources/CRing*/module.modulemap Sources/CRing*/include/module.modulemap; do c_modules+=(-I "$(dirname "$map")"); done

document() {
    local name=$1 page=Sources/$1/$1.docc own=$graphs/$1
    [ -f "$page/$name.md" ] || { echo "there is no landing page $page/$name.md"; return 1; }
    rm -rf "$own" "site/$name"
    mkdir -p "$own"
    # Its own symbols, and what it adds to other modules' types.
    swift symbolgraph-extract -module-name "$name" -target "$target" -I "$module_folder" "${c_modules[@]}" \
        -minimum-access-level public -skip-synthesized-members -emit-extension-block-symbols -output-dir "$own" || return 1
    docc convert "$page" --additional-symbol-graph-dir "$own" --fallback-display-name "$name" \
        --fallback-bundle-identifier "ring-partner-swift.$name" --warnings-as-errors \
        --transform-for-static-hosting --hosting-base-path "${base:+$base/}$name" --output-path "site/$name"
}

modules=("$@")
partial=--partial
if [ ${#modules[@]} -eq 0 ]; then
    partial=
    for folder in Sources/Ring*/; do modules+=("$(basename "$folder")"); done
fi
failed=()
for name in "${modules[@]}"; do
    if document "$name" >"$log" 2>&1; then
        echo "documented $name"
    else
        cat "$log" >&2
        echo "not documented: $name" >&2
        failed+=("$name")
    fi
done
[ ${#failed[@]} -eq 0 ] || { echo "make docs: ${#failed[@]} of ${#modules[@]} failed: ${failed[*]}" >&2; exit 1; }
"$python" Scripts/docs-site/build.py ${partial:+"$partial"} --base "${base:+/$base}"
echo "make docs: ${#modules[@]} products; to read it: python3 -m http.server -d site"
