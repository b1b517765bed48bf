#!/usr/bin/env python3
"""Compiles every Swift block of the documentation against the modules of the debug build.

Blocks are read from README.md and the other pages beside it, from Documentation/, from the DocC catalogues and from the
documentation comments in Sources/. An HTML comment in front of a block says what the block leaves out:

  <!-- given: device: RingDeviceID, func log(_ text: String) --> names that it uses and does not declare
  <!-- needs: hummingbird 2.26 -->                              a package from elsewhere: only the syntax is checked

A block is compiled with exactly the imports that it shows. One that shows none is an excerpt: it gets the module of its
catalogue, RingPartner and Foundation. Blocks that begin with `.package(` are compiled as part of a package manifest.

Usage: Scripts/check-snippets.py [PAGE …]     after `swift build` (`make snippets` does both)
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FEATURES = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility", "NonisolatedNonsendingByDefault"]
IMPORT = re.compile(r"^\s*(?:@\w+(?:\(\w+\))? )?import \w+")
COMMENT = re.compile(r"<!--\s*(given|needs):\s*(.*?)\s*-->", re.S)


class Block:
    def __init__(self, path, line, lines, notes):
        self.path, self.line, self.lines = path, line, lines
        self.given, self.needs = notes.get("given", ""), notes.get("needs")

    @property
    def place(self):
        return f"{self.path}:{self.line}"

    def first_code_line(self):
        return next((x.strip() for x in self.lines if x.strip() and not x.strip().startswith("//")), "")

    @property
    def is_manifest(self):
        return self.first_code_line().startswith(".package(")

    @property
    def declares_tests(self):
        return any(re.match(r"@(Test|Suite)", x) for x in self.lines)

    def located(self, number, text):
        return f'#sourceLocation(file: "{self.path}", line: {self.line + 1 + number})\n{text}\n#sourceLocation()\n'

    def manifest(self, number):
        """The block as a file: part of a list of dependencies, on the lines that it has in its page."""
        head = f"import PackageDescription; func list{number}() -> [Package.Dependency] {{ ["
        return "\n" * (self.line - 1) + "\n".join([head] + self.lines + ["] }\n"])

    def swift(self, number):
        """The block as a file: its imports, and the rest in a function, or in a type when it declares tests."""
        imports = [(i, x) for i, x in enumerate(self.lines) if IMPORT.match(x)]
        taken = {i for i, _ in imports}
        body = self.located(0, "\n".join("" if i in taken else x for i, x in enumerate(self.lines)))
        head = "".join(self.located(i, x.strip()) for i, x in imports)
        if not imports:
            module = re.match(r"Sources/(\w+)/", self.path)
            names = {"RingPartner", "Foundation"} | ({module[1]} if module else set())
            if self.declares_tests:
                names |= {"RingTesting", "Testing"}
            head = "".join(f"import {name}\n" for name in sorted(names))
        given = split(self.given)
        functions = "".join(f"    @Sendable {x} {{ fatalError() }}\n" for x in given if x.startswith("func "))
        values = [x for x in given if not x.startswith("func ")]
        if any(re.match(r"@main|(public )?extension ", x) for x in self.lines):
            return head + body
        if self.declares_tests or any(re.match(r"(private )?static ", x) for x in self.lines):
            members = "".join(f"    var {x} {{ fatalError() }}\n" for x in values)
            return f"{head}struct Snippet{number} {{\n{members}{functions}{body}}}\n"
        return f"{head}func snippet{number}({', '.join(values)}) async throws {{\n{functions}{body}}}\n"


def split(parameters):
    """The parameters of a list, at the commas that are in no bracket."""
    parts, depth, part = [], 0, ""
    for c in parameters.replace("->", "\0"):
        depth += (c in "([<{") - (c in ")]>}")
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    return [x.strip().replace("\0", "->") for x in parts + [part] if x.strip()]


def blocks(path):
    """The Swift blocks of a page, or of the documentation comments of a source."""
    text = (ROOT / path).read_text(encoding="utf-8")
    comments = path.endswith(".swift")
    notes, block, start, pending = {}, None, 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if comments:
            match = re.match(r"\s*/// ?(.*)", line)
            if not match:
                block, notes = None, {}
                continue
            line = match[1]
        if block is not None:
            if line.strip() == "```":
                yield Block(path, start, block, notes)
                block, notes = None, {}
            else:
                block.append(line)
        elif line.strip() == "```swift":
            block, start = [], number
        elif pending or line.startswith("<!--"):
            pending += line + "\n"
            if "-->" in line:
                notes |= {key: " ".join(value.split()) for key, value in COMMENT.findall(pending)}
                pending = ""
        elif line.strip():
            notes = {}


def run(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def main(arguments):
    pages = arguments or sorted(
        run(["git", "ls-files", "*.md", "Sources/*.swift"]).stdout.split())
    found = [block for page in pages for block in blocks(page)]
    if not found:
        sys.exit("check-snippets: no Swift block found")

    bin_path = run(["swift", "build", "--show-bin-path"]).stdout.strip()
    toolchain = Path(os.path.realpath(shutil.which("swiftc"))).parent.parent
    base = ["swiftc", "-typecheck", "-wmo", "-parse-as-library", "-swift-version", "6", "-suppress-warnings"]
    for feature in FEATURES:
        base += ["-enable-upcoming-feature", feature]
    package = ["-module-name", "Snippets", "-I", f"{bin_path}/Modules"]
    for path in sorted((ROOT / "Sources").glob("CRing*/**/module.modulemap")):
        package += ["-I", str(path.parent)]
    manifest = ["-module-name", "Manifests", "-package-description-version", "6.2",
                "-I", str(toolchain / "lib/swift/pm/ManifestAPI")]

    here = [x for x in found if not x.needs and not x.is_manifest]
    manifests = [x for x in found if x.is_manifest]
    external = [x for x in found if x.needs and not x.is_manifest]
    errors = ""
    with tempfile.TemporaryDirectory() as folder:
        def files(group, text):
            names = []
            for block in group:
                number = found.index(block)
                name = f"{folder}/Snippet{number}.swift"
                Path(name).write_text(text(block, number), encoding="utf-8")
                names.append(name)
            return names

        groups = [
            (base + package, files(here, lambda x, n: x.swift(n))),
            (base + manifest, files(manifests, lambda x, n: x.manifest(n))),
            (["swiftc", "-parse", "-swift-version", "6"], files(external, lambda x, n: x.swift(n))),
        ]
        for command, names in groups:
            if not names:
                continue
            result = run(command + names)
            if result.returncode != 0:
                errors += result.stderr or result.stdout or f"{command[0]} failed\n"
        for block in manifests:
            errors = errors.replace(f"{folder}/Snippet{found.index(block)}.swift", block.path)
    if errors:
        errors = errors.replace(f"{ROOT}/", "")
        print(errors, file=sys.stderr)
        broken = {}
        for path, line in re.findall(r"^(\S+?):(\d+):\d+: error:", errors, re.M):
            for block in found:
                if block.path == path and block.line < int(line) <= block.line + len(block.lines):
                    broken[block.place] = True
        sys.exit("check-snippets: these blocks do not compile: " + ", ".join(broken or ["see above"]))
    needs = sorted({x.needs for x in external})
    print(f"check-snippets: {len(here) + len(manifests)} blocks compiled"
          + (f"; syntax only: {len(external)} ({', '.join(needs)})" if external else ""))


main(sys.argv[1:])
