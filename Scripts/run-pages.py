#!/usr/bin/env python3
"""Runs pages of the documentation as they are written: saves their files, and runs their commands in order.

    Scripts/run-pages.py [--program RINGCTL] [PAGE …]

A code block behind `<!-- file: NAME -->` is saved, one behind `<!-- run -->` is run by one shell for the whole page. With
--program a built ringctl is used, and the page's own build is skipped. Blocks for TypeScript are skipped, and said to be,
where Node cannot run them.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["Documentation/FirstSteps.md", "Documentation/Simulator.md", "Documentation/Webhooks.md", "Documentation/CommandLine.md"]
BLOCK = re.compile(r"<!-- (run|file:)([^\n]*?) ?-->\n```\w+\n(.*?)```", re.S)


def typescript(block):
    """The commands that run TypeScript tests here, in place of the page's own; nothing where Node cannot."""
    node = shutil.which("node")
    if node is None:
        return None
    name = block.split()[-1]
    found = subprocess.run([node, "-p", "process.features.typescript || ''"], capture_output=True, text=True)
    if found.stdout.strip() in ("strip", "transform"):
        return f"node --test {name}\n"
    if shutil.which("esbuild"):
        return f"esbuild {name} --log-level=warning --format=esm --outfile={name}.mjs && node --test {name}.mjs\n"
    return None


def run_page(page, program):
    text = (ROOT / page).read_text(encoding="utf-8")
    script = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    if program:
        folder = Path(program).resolve().parent
        script += [f"export PATH='{folder}':\"$PATH\"", "swift() { if [ \"${2:-}\" = --show-bin-path ]; then"
                   f" echo '{folder}'; fi; }}"]
    with tempfile.TemporaryDirectory() as folder:
        count = 0
        for kind, rest, block in BLOCK.findall(text):
            if kind == "file:":
                (Path(folder) / rest.strip()).write_text(block, encoding="utf-8")
                script.append(f"cp '{folder}/{rest.strip()}' .")
                continue
            if "typescript" in rest:
                block = typescript(block)
                if block is None:
                    print(f"{page}: skipped the TypeScript example: no Node 22.18, and no Node with esbuild here")
                    continue
            count += 1
            script.append(f"echo '-- {page}, commands {count}'\n{block}")
        work = Path(folder) / "work"
        work.mkdir()
        # The first page begins in the clone, where it builds.
        start = ROOT if page.endswith("FirstSteps.md") else work
        environment = {**os.environ, "TMPDIR": str(work), "HOME": str(work)}
        return subprocess.run(
            ["bash", "-c", "\n".join(script)], cwd=start, env=environment, stdin=subprocess.DEVNULL, timeout=1500
        ).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program")
    parser.add_argument("pages", nargs="*", default=PAGES)
    arguments = parser.parse_args()
    for page in arguments.pages:
        status = run_page(page, arguments.program)
        if status != 0:
            sys.exit(f"{page}: a command ended with {status}")
        print(f"{page}: ran to its end")


if __name__ == "__main__":
    main()
