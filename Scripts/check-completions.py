#!/usr/bin/env python3
"""Completes commands, flags and device names in the real shells, with the scripts of `ringctl completions`.

    Scripts/check-completions.py [--program RINGCTL]

bash and zsh run at a terminal, as a person uses them; fish completes by its own `complete -C`. A shell that is not installed
is named and skipped. A simulator gives the devices.
"""
import argparse
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = {"accounts": [{"state": "completed", "devices": [
    {"kind": "doorbell", "name": "Front Door"}, {"kind": "camera", "name": "Garden"}, {"kind": "camera", "name": "Gate's"},
    # Names come from whoever owns the devices.
    {"kind": "camera", "name": "Shed $[a[$(touch ran)]]"}]}]}
# What is typed before the tab, and what the line must then contain.
CASES = [
    ("ringctl dev", r"ringctl devices "), ("ringctl devices li", r"ringctl devices list "),
    ("ringctl --store x.sqlite clip dow", r"clip download "), ("ringctl clip download --cod", r"--codec "),
    ("ringctl devices list --inc", r"--include "), ("ringctl clip download x --codec h", r"--codec hevc "),
    ("ringctl events list Fro", r"events list Front\\ Door "), ("ringctl devices get Gard", r"devices get Garden "),
    ("ringctl completions z", r"completions zsh "), ("ringctl clip sync some-f", r"clip sync some-folder"),
]
# At a terminal only: fish offers the name as it is, and quotes it when it inserts it.
HOSTILE = ("ringctl devices get She", r"devices get Shed\\ \\\$")


class Terminal:
    """An interactive shell behind a terminal."""

    def __init__(self, arguments, environment, folder):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(arguments[0], arguments, environment)

    def read_until(self, pattern, seconds=20.0):
        text = ""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.descriptor], [], [], 0.2)
            if not ready:
                continue
            try:
                chunk = os.read(self.descriptor, 65536)
            except OSError:
                break
            text += chunk.decode("utf-8", "replace")
            if re.search(pattern, plain(text)):
                break
        return plain(text)

    def write(self, text):
        os.write(self.descriptor, text.encode())

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.pid, 0)


def plain(text):
    """A terminal's text without its control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07|[\r\x07]", "", text)


def at_terminal(arguments, setup, environment, folder):
    shell = Terminal(arguments, environment, folder)
    failures = []
    try:
        shell.write(setup + " && echo RE''ADY\n")
        if "READY" not in shell.read_until(r"READY\s"):
            return ["the shell did not start"]
        for typed, expected in [*CASES, HOSTILE]:
            shell.write(typed + "\t")
            seen = shell.read_until(expected)
            if not re.search(expected, seen):
                failures.append(f"{typed!r} became {seen!r}")
            # Control-U clears the line; the echo of a word of its own says that it did.
            shell.write("\x15echo DO''NE\n")
            shell.read_until(r"DONE\s")
    finally:
        shell.close()
    if (folder / "ran").exists():
        (folder / "ran").unlink()
        failures.append("a command in the name of a device was run")
    return failures


def in_fish(program, environment, folder):
    script = folder / "ringctl.fish"
    script.write_text(subprocess.run([program, "completions", "fish"], check=True, capture_output=True, text=True).stdout)
    failures = []
    for typed, expected in CASES:
        found = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C {json.dumps(typed)}"],
                               capture_output=True, text=True, env=environment, cwd=folder, timeout=60)
        word = expected.replace("\\", "").strip()
        words = [line.split("\t")[0].replace("\\", "") for line in found.stdout.splitlines()]
        if not any(word.endswith(given.rstrip("/")) and given for given in words):
            failures.append(f"{typed!r} offered {words!r} {found.stderr!r}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/debug/ringctl"))
    program = str(Path(parser.parse_args().program).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "some-folder").mkdir()
        (folder / "scenario.json").write_text(json.dumps(SCENARIO))
        environment = {
            "PATH": f"{Path(program).parent}:{os.environ['PATH']}", "HOME": name, "XDG_CACHE_HOME": name + "/cache",
            "XDG_RUNTIME_DIR": name, "XDG_STATE_HOME": name, "XDG_CONFIG_HOME": name, "RING_STORE": "memory", "TERM": "dumb",
            "LANG": "C.UTF-8", "PS1": "> "}
        simulator = subprocess.Popen([program, "simulator", "--scenario", str(folder / "scenario.json")],
                                     stdout=subprocess.PIPE, text=True, env=environment)
        try:
            origins = json.loads(simulator.stdout.readline())
            environment["RING_API_URL"] = origins["api_url"]
            environment["RING_ACCESS_TOKEN"] = grant(origins)
            shells = {
                "bash": lambda: at_terminal(["bash", "--norc", "--noprofile", "-i"],
                                            "source <(ringctl completions bash)", environment, folder),
                "zsh": lambda: at_terminal(["zsh", "-f", "-i"],
                                           "autoload -Uz compinit && compinit -u -d zcompdump && source <(ringctl completions zsh)",
                                           environment, folder),
                "fish": lambda: in_fish(program, environment, folder)}
            failed = False
            for shell, check in shells.items():
                if not shutil.which(shell):
                    print(f"check-completions: {shell} is not installed; skipped")
                    continue
                failures = check()
                failed |= bool(failures)
                for failure in failures:
                    print(f"check-completions: {shell}: {failure}", file=sys.stderr)
                if not failures:
                    print(f"check-completions: {shell} completes {len(CASES)} lines")
            cache = list((folder / "cache/ringctl/devices").iterdir())
            secret = environment["RING_ACCESS_TOKEN"].encode()
            if not cache or any(secret in file.read_bytes() or file.stat().st_mode & 0o077 for file in cache):
                failed = True
                print("check-completions: the cache of names is missing, readable by others or holds a token", file=sys.stderr)
        finally:
            simulator.terminate()
            simulator.wait()
    sys.exit(1 if failed else 0)


def grant(origins):
    """An access token of the simulator's account."""
    import urllib.request
    with urllib.request.urlopen(origins["control_url"] + "/state") as response:
        account = json.load(response)["accounts"][0]["id"]
    request = urllib.request.Request(origins["control_url"] + "/tokens", method="POST",
                                     data=json.dumps({"account": account}).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["access_token"]


main()
