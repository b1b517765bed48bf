#!/usr/bin/env python3
"""Writes the public API of every library product to API/<Product>.txt, one declaration a line, in a stable order.

Read from the symbol graphs of the debug build on Linux. A line is the full declaration, with what it belongs to in front
of it where a reader could not tell: `RingError.code: var code: RingError.Code { get set }`.

Usage: Scripts/public-api.py            after `swift build`: writes the files (`make api` does both)
       Scripts/public-api.py --check    fails when a file is not what would be written
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command):
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"public-api: {' '.join(command[:2])} failed\n{result.stderr}")
    return result.stdout


def declarations(module, bin_path, target):
    """The lines of a module."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["swift", "symbolgraph-extract", "-module-name", module, "-target", target, "-I", f"{bin_path}/Modules"]
        for path in sorted((ROOT / "Sources").glob("CRing*/**/module.modulemap")):
            command += ["-I", str(path.parent)]
        run(*command, "-minimum-access-level", "public", "-skip-synthesized-members", "-output-dir", folder)
        graphs = [json.loads(x.read_text(encoding="utf-8")) for x in sorted(Path(folder).glob("*.symbols.json"))]
    names = {x["identifier"]["precise"]: x["names"]["title"] for g in graphs for x in g["symbols"]}
    conformances = collections.defaultdict(set)
    requirements = set()
    for graph in graphs:
        for relation in graph["relationships"]:
            target_name = names.get(relation["target"], relation.get("targetFallback", relation["target"]))
            if relation["kind"] in ("conformsTo", "inheritsFrom"):
                conformances[relation["source"]].add(target_name.rpartition(".")[2])
            if relation["kind"] in ("requirementOf", "optionalRequirementOf"):
                requirements.add(relation["source"])
    lines = set()
    for graph in graphs:
        for symbol in graph["symbols"]:
            identifier = symbol["identifier"]["precise"]
            path = symbol["pathComponents"]
            text = "".join(x["spelling"] for x in symbol["declarationFragments"])
            text = re.sub(r"\s+", " ", text).strip()
            # A protocol's declaration names what it refines. Every type conforms to SendableMetatype.
            conformed = sorted(conformances[identifier] - {"SendableMetatype"})
            if conformed and symbol["kind"]["identifier"] != "swift.protocol":
                text += ": " + ", ".join(conformed)
            if identifier in requirements:
                text = "requirement " + text
            lines.add((tuple(path[:-1]), path[-1], ".".join(path[:-1]) + ("  " if path[:-1] else "") + text))
    return [x[2] for x in sorted(lines)]


def main(arguments):
    description = json.loads(run("swift", "package", "describe", "--type", "json"))
    products = sorted(
        x["name"] for x in description["products"] if "library" in x["type"] and x["name"].startswith("Ring"))
    bin_path = run("swift", "build", "--show-bin-path").strip()
    target = json.loads(run("swift", "-print-target-info"))["target"]["triple"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        listed = list(pool.map(lambda x: declarations(x, bin_path, target), products))
    texts = {f"API/{name}.txt": "\n".join(lines) + "\n" for name, lines in zip(products, listed)}
    existing = {str(x.relative_to(ROOT)) for x in (ROOT / "API").glob("*.txt")}
    changed = [
        path for path in sorted(existing | set(texts))
        if path not in texts or path not in existing or (ROOT / path).read_text(encoding="utf-8") != texts[path]]
    if arguments == ["--check"]:
        if changed:
            sys.exit("public-api: the public API differs from " + ", ".join(changed)
                     + "; run `make api`, read the difference, and commit it with the change")
        print(f"public-api: {len(products)} products, {sum(map(len, listed))} declarations, as written in API/")
        return
    (ROOT / "API").mkdir(exist_ok=True)
    for path in changed:
        if path in texts:
            (ROOT / path).write_text(texts[path], encoding="utf-8")
        else:
            (ROOT / path).unlink()
    print(f"public-api: {len(products)} products, {sum(map(len, listed))} declarations, {len(changed)} files changed")


main(sys.argv[1:])
