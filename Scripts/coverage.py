#!/usr/bin/env python3
"""Line coverage by module, from the profiles that `Scripts/test.sh --coverage` (make coverage) leaves.

Code for Apple systems alone does not count on Linux: RingURLSession, and what CryptoKit replaces. C code does not count either.

Usage: Scripts/coverage.py merge PROFILES             merges the raw profiles of the processes that have ended
       Scripts/coverage.py report PROFILES PROGRAMS   prints the table; fails when a share is below its limit
       Scripts/coverage.py files PROFILES PROGRAMS [MODULE …]   the files with the most lines that never ran
"""
import collections
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In percent.
OVERALL = 90
LIMITS = {"RingOAuth": 95, "RingWebhooks": 95, "RingCrypto": 95, "RingHTTP": 95}
LEFT_OUT = {"RingURLSession"}


def tool(name):
    """A program of the toolchain, whose profiles an older one cannot read."""
    swift = shutil.which("swift")
    beside = Path(swift).resolve().parent / name if swift else None
    found = str(beside) if beside and beside.exists() else shutil.which(name)
    return found or sys.exit(f"coverage: {name} is missing: it comes with the Swift toolchain")


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"coverage: {' '.join(map(str, command[:3]))} failed\n{result.stderr}")
    return result.stdout


def merge(profiles):
    raw = sorted(map(str, profiles.glob("*.profraw")))
    if not raw:
        return
    everything = profiles / "all.profdata"
    merged = profiles / "next.profdata"
    earlier = [str(everything)] if everything.exists() else []
    names = profiles / "names"
    names.write_text("\n".join(earlier + raw), encoding="utf-8")
    # A process that was killed leaves a part of a file, which is no reason to fail.
    run(tool("llvm-profdata"), "merge", "-sparse", "-failure-mode=all", "-f", str(names), "-o", str(merged))
    merged.replace(everything)
    for path in raw:
        Path(path).unlink()


def files(profiles, programs):
    """Module, path, lines, and lines that ran, of every source file."""
    tests = sorted(programs.glob("*.xctest"))
    binaries = [x for x in sorted(programs.iterdir()) if x.is_file() and x.suffix == "" and x.stat().st_mode & 0o100]
    objects = [str(x) for x in tests + binaries]
    arguments = [objects[0]] + [y for x in objects[1:] for y in ("-object", x)]
    text = run(tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={profiles}/all.profdata", *arguments)
    for entry in json.loads(text)["data"][0]["files"]:
        path = Path(entry["filename"])
        if not path.is_relative_to(ROOT / "Sources") or path.suffix != ".swift":
            continue
        path = path.relative_to(ROOT)
        if path.parts[1] not in LEFT_OUT:
            lines = entry["summary"]["lines"]
            yield path.parts[1], path, lines["count"], lines["covered"]


def report(found):
    modules = collections.defaultdict(lambda: [0, 0])
    for module, _, count, covered in found:
        for name in (module, "all modules"):
            modules[name][0] += count
            modules[name][1] += covered
    overall = modules.pop("all modules")
    low = []
    print(f"{'module':<16} {'lines':>7} {'run':>7} {'share':>8}  limit")
    for name, (count, covered) in sorted(modules.items()) + [("all modules", overall)]:
        share = 100 * covered / max(1, count)
        limit = OVERALL if name == "all modules" else LIMITS.get(name)
        print(f"{name:<16} {count:>7} {covered:>7} {share:>6.1f} %  {f'{limit} %' if limit else ''}".rstrip())
        if limit and share < limit:
            low.append(name)
    if low:
        sys.exit(f"coverage: below the limit: {', '.join(low)}")


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("merge", "report", "files"):
        sys.exit(__doc__)
    command, profiles = arguments[0], Path(arguments[1])
    if command == "merge":
        return merge(profiles)
    found = list(files(profiles, Path(arguments[2])))
    if command == "report":
        return report(found)
    names = set(arguments[3:])
    for module, path, count, covered in sorted(found, key=lambda x: x[3] - x[2])[:60 if not names else None]:
        if covered < count and (not names or module in names):
            print(f"{count - covered:>5} of {count:>5}  {path}")


main(sys.argv[1:])
