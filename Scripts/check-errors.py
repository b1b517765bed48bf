#!/usr/bin/env python3
"""Documentation/Errors.md has every failure: each code of `RingError` as a section with its exit status, each public code of the
other error types as a row in the section of its type, and each exit status and code of ringctl.

Reads the sources as text, so it needs no build. A code that is documented and exists nowhere fails as well.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "Documentation/Errors.md"
WORD = r'"([a-z][a-z_]*)"'
STATIC = re.compile(r"^\s*public static let (\w+)(?::[^=]+)? = Self\((?:\"(\w+)\"|\.(\w+))", re.M)


def block(text, opening):
    """The text between the braces that follow `opening`, as often as it appears."""
    for match in re.finditer(opening, text):
        start = depth = None
        for place in range(match.end() - 1, len(text)):
            if text[place] == "{":
                start, depth = (place, 1) if start is None else (start, depth + 1)
            elif text[place] == "}" and start is not None:
                depth -= 1
                if depth == 0:
                    yield text[start:place]
                    break


def codes_in(sources):
    """The codes of `RingError`, word to Swift name, and those of the other public error types, type to words."""
    ring, others = {}, {}
    for text in sources.values():
        for part in list(block(text, r"extension RingError\.Code \{")):
            for name, word, _ in STATIC.findall(part):
                if word:
                    ring[word] = name
        for match in re.finditer(r"^public (?:struct|enum|class) (\w+)\b[^{\n]*\bError\b[^{\n]*\{", text, re.M):
            words = [word or name for part in block(text, r"public struct (?:Code|Reason)\b[^{]*\{")
                     for _, word, name in STATIC.findall(part)]
            if match[1] != "RingError":
                others[match[1]] = words
        for match in re.finditer(r"^public struct (\w+): LocalizedError\b[^{\n]*\{", text, re.M):
            others.setdefault(match[1], [word or name for part in block(text, r"public struct (?:Code|Reason)\b[^{]*\{")
                                         for _, word, name in STATIC.findall(part)])
    return ring, others


def statuses_in(text, ring):
    """The exit statuses of ringctl, name to number, and the status of each code of `RingError`."""
    numbers = {name: int(number) for name, number in re.findall(r"^\s*case (\w+) = (\d+)", text, re.M)}
    switch = next(block(text, r"init\(_ code: RingError\.Code\) \{"))
    by_name = {}
    for names, status in re.findall(r"case ([\w., \n]+?):\s+self = \.(\w+)", switch):
        for name in re.findall(r"\.(\w+)", names):
            by_name[name] = status
    named = dict(re.findall(WORD + r": \.(\w+)", text))
    of_code = {}
    for word, name in ring.items():
        of_code[word] = numbers[by_name.get(name) or named.get(word) or "server"]
    return numbers, of_code


def check(page, sources, status_text, tool):
    """What is wrong, a line each."""
    ring, others = codes_in(sources)
    numbers, of_code = statuses_in(status_text, ring)
    sections = dict(re.findall(r"^### `([\w]+)`.*?\n(.*?)(?=^##|\Z)", page, re.M | re.S))
    problems = []
    if len(ring) < 30 or len(others) < 5 or len(numbers) < 5:
        problems.append(f"found only {len(ring)} codes, {len(others)} other error types, {len(numbers)} statuses: the check is broken")
    for word in sorted(ring):
        if word not in sections:
            problems.append(f"no section ### `{word}` for RingError.Code.{ring[word]}")
        elif f"Exit status {of_code[word]}." not in " ".join(sections[word].split()):
            problems.append(f"the section of `{word}` does not end with \"Exit status {of_code[word]}.\"")
        elif len(sections[word].split()) < 12:
            problems.append(f"the section of `{word}` says neither cause nor remedy")
    for kind, words in sorted(others.items()):
        part = sections.get(kind)
        if part is None and f"`{kind}`" not in page:
            problems.append(f"no section ### `{kind}`")
            continue
        rows = re.findall(r"^\| `(\w+)` \| \S", part or "", re.M)
        problems += [f"no row for `{word}` in the section of `{kind}`" for word in words if word not in rows]
        problems += [f"`{word}` of `{kind}` does not exist" for word in rows if word not in words]
    for word in sections:
        if re.fullmatch(r"[a-z_]+", word) and word not in ring:
            problems.append(f"the section of `{word}` is of no code")
    for name, number in numbers.items():
        if not re.search(rf"^\| {number} \| \S", page, re.M):
            problems.append(f"no row for the exit status {number} ({name})")
    table = page.partition("## Exit statuses of ringctl")[2].partition("\n## ")[0]
    rows = {word: status for word, status in re.findall(r"^\| `(\w+)` \| (\d+)", table, re.M)}
    used = set(re.findall(r"code: " + WORD, tool)) - set(ring)
    problems += [f"no row for ringctl's code `{word}`" for word in sorted(used) if word not in rows]
    problems += [f"ringctl's code `{word}` does not exist" for word in sorted(rows) if word not in used]
    for name, word in re.findall(r"CommandFailure\(\s*\.(\w+),\s*code: " + WORD, tool):
        if word in rows and int(rows[word]) != numbers[name]:
            problems.append(f"ringctl's code `{word}` has status {numbers[name]}")
    return problems


def main():
    sources = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "Sources").glob("Ring*/**/*.swift"))}
    tool = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "Sources/ringctl").rglob("*.swift")))
    status_text = (ROOT / "Sources/ringctl/Output/ExitStatus.swift").read_text(encoding="utf-8")
    problems = check((ROOT / PAGE).read_text(encoding="utf-8"), sources, status_text, tool)
    if problems:
        sys.exit("\n".join(f"{PAGE}: {problem}" for problem in problems))
    ring, others = codes_in(sources)
    print(f"check-errors: {len(ring)} codes of RingError and {sum(map(len, others.values()))} of {len(others)} other types")


if __name__ == "__main__":
    main()
