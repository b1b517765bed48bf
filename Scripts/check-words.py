#!/usr/bin/env python3
"""Finds words that this project replaced by standard terms, in code, comments, documentation and scripts.

A word counts in every form and also as a part of an identifier: `answered`, `RingRateAnswer`, `pipelineWithoutBearer`.
CONTRIBUTING.md has the vocabulary. Lines that mean something else are allowed below, with a reason.

Usage: Scripts/check-words.py            fails when it finds a word
       Scripts/check-words.py --report   counts them by file, and succeeds
"""
import collections
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Each word, and what to write in its place.
WORDS = {
    "room": "module, product",
    "road": "request flow, data flow",
    "house": "package",
    "housekeeping": "maintenance, lifecycle",
    "walk": "read, iterate",
    "bearer": "access token",
    "layer": "middleware",
    "answer": "response",
}
SUFFIXES = "(?:s|ed|er|ers|ing|able)?"
FORM = re.compile(f"^({'|'.join(sorted(WORDS, key=len, reverse=True))}){SUFFIXES}$")
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# Files in which "answer" is the SDP answer of RFC 3264.
SDP_FILES = re.compile(
    r"^Sources/(RingWHEP|RingLive|CRingGStreamer)/|^Tests/RingLiveTests/|^Tests/RingWHEPTests/|^Tests/WHEPPeer/|^Tests/Fuzz/.*(SDP|WHEP|sdp|whep)|WHEP|SDP|/Live"
    r"|^Sources/RingSimulator/(Live/|Engine/SimulatorEngine\+Live)|^Examples/Sources/WatchLive/"
    r"|^Documentation/(Architecture|WireFacts|Decisions|Performance)\.md$|^CHANGELOG\.md$")
# Other lines that are right, by file and text.
ALLOWED = [
    (r"", r"\bBearer\b|\"bearer\"|: bearer ", "bearer"),  # the authentication scheme of HTTP, as it is written in a field
    (r"^(Sources/RingSimulator/Control|Tests/RingSimulatorTests/ControlGuard)", r"/bearer-check", "bearer"),  # an earlier path that still works
    (r"", r"\bSDP\b|(SDP|sdp)Answer|checkedAnswer|[uU]nusableAnswer|unusable_answer|--answer\b", "answer"),  # the answer of RFC 3264
    (r"RingSQLite.*Upgrade", r"room", "room"),  # a column of the files of releases before 0.2
    (r"RingSimulator", r"refresh_answers_|_flat_answers|_answer_milliseconds", "answer"),  # earlier names of switches
    (r"", r"https?://\S*(answer|road|room|house|walk)", None),  # addresses
]
SKIPPED = re.compile(r"^Scripts/check-words\.py$|^CONTRIBUTING\.md$|^API/|^LICENSE$|\.(svg|png|mp4|jpg|json|bin|h264)$|/Fixtures/|/Media/Prepared/")


def words(line):
    for part in PART.findall(line):
        match = FORM.match(part.lower())
        if match:
            yield match[1], part


def main(arguments):
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
    found = collections.Counter()
    by_word = collections.Counter()
    lines = []
    for path in filter(None, files):
        if SKIPPED.search(path):
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            # A changelog names what was removed.
            for word, part in words(re.sub(r"`[^`]*`", "", line) if path == "CHANGELOG.md" else line):
                if word == "answer" and SDP_FILES.search(path):
                    continue
                if any(re.search(f, path) and re.search(t, line) and w in (None, word) for f, t, w in ALLOWED):
                    continue
                found[path] += 1
                by_word[word] += 1
                lines.append(f"{path}:{number}: error: write {WORDS[word]} for '{part}'")
    if arguments == ["--report"]:
        for path, count in sorted(found.items()):
            print(f"{count:5} {path}")
        print(f"check-words: {sum(found.values())} words in {len(found)} files: "
              + ", ".join(f"{word} {count}" for word, count in by_word.most_common()))
        return
    if lines:
        print("\n".join(lines), file=sys.stderr)
        sys.exit(f"check-words: {len(lines)} words in {len(found)} files; the vocabulary stands in CONTRIBUTING.md")


main(sys.argv[1:])
