#!/usr/bin/env python3
"""Runs the use cases of Examples/Sources against the simulator, and checks what each of them does.

    Scripts/run-examples.py --programs FOLDER --ringctl RINGCTL [NAME …]

Each is a service that is linked as Ring links it; events happen in the simulator, and lamps, notifications and files are looked at.
"""
import argparse
import base64
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAXIMUM_LINES = 150


def until(condition, what, seconds=90.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"did not happen: {what}")


class Sink(http.server.ThreadingHTTPServer):
    """Takes the lines that a program sends out."""

    def __init__(self):
        self.lines = []
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                sink.lines.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Running:
    """A program, and what it has printed."""

    def __init__(self, path, environment, folder):
        self.process = subprocess.Popen([path], env=environment, cwd=folder, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.output = ""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.output += line

    def find(self, pattern):
        until(lambda: re.search(pattern, self.output) or self.process.poll() is not None, f"{pattern} in:\n{self.output}")
        found = re.search(pattern, self.output)
        assert found, f"{pattern} is missing in:\n{self.output}"
        return found[1] if found.groups() else found[0]

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(60)
        self.reader.join(10)
        return self.process.returncode


class Bench:
    def __init__(self, programs, ringctl, folder):
        self.programs, self.folder = programs, folder
        self.running = []
        self.sink = Sink()
        self.simulator = Running.__new__(Running)
        process = subprocess.Popen([ringctl, "simulator"], stdout=subprocess.PIPE, text=True,
                                   env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)})
        self.simulator.process, self.simulator.output = process, ""
        origins = json.loads(process.stdout.readline())
        self.control = origins["control_url"]
        # Otherwise the seconds before the first event are before the link, and Ring refuses their recording.
        self.call("/switches", {"consent_at_link": False}, "PATCH")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PORT": "0", "RING_API_URL": origins["api_url"],
            "RING_OAUTH_URL": origins["oauth_url"], "RING_CLIENT_ID": "sim-client", "RING_CLIENT_SECRET": "sim-client-secret",
            "RING_HMAC_KEY": "c2ltdWxhdG9yLWhtYWMta2V5LW5vdC1zZWNyZXQtMDE=", "RING_STORE": str(folder / "ring.sqlite"),
            "RING_SEALING_KEYS": base64.b64encode(b"examples-examples-examples-32byt").decode(), "SWIFT_BACKTRACE": "enable=no"}

    def call(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.loads(response.read() or b"null")

    def start(self, name, **more):
        program = Running(str(self.programs / name), {**self.environment, **more}, self.folder)
        self.running.append(program)
        return program

    def link(self, program):
        """As Ring does it: the code, the browser, the sign-in; then webhooks."""
        exchange = program.find(r"Token Exchange URL: (\S+)")
        page, webhooks = program.find(r"Account Link URL: +(\S+)"), program.find(r"Webhook URL: +(\S+)")
        post(exchange, {"code": self.call("/code", {})["code"]})
        redirect = self.call("/redirect", {})
        query = urllib.parse.urlencode({"nonce": redirect["nonce"], "time": redirect["time"]})
        assert "Linked" in post(f"{page}?{query}", {"email": "robin@partner.example"})
        self.call("/webhook", {"url": webhooks})

    def event(self, kind, device, **members):
        return self.call("/events", {"type": kind, "device": device, **members})

    def lines(self, path):
        return [body for where, body in self.sink.lines if where == path]

    def end(self):
        for program in self.running:
            program.end()
        self.simulator.process.terminate()
        self.simulator.process.wait(30)
        self.sink.shutdown()


def post(url, form):
    with urllib.request.urlopen(url, data=urllib.parse.urlencode(form).encode(), timeout=120) as response:
        return response.read().decode()


def automations(bench):
    clips = bench.folder / "clips"
    program = bench.start("Automations", LIGHTS_URL=bench.sink.url("/lights"), NOTIFY_URL=bench.sink.url("/notify"),
                          CLIPS=str(clips), QUIET_HOURS="0-24")
    bench.link(program)
    bench.event("motion_detected", "Front Door", sub_type="human", recording_ms=1500)
    until(lambda: "A person: Front Door" in bench.lines("/notify"), "the notification of a person")
    assert "on Front Door" in bench.lines("/lights")
    until(lambda: clips.exists() and any(clips.glob("FrontDoor-*.mp4")), "the recording")
    # In quiet hours: light, and no notification.
    lights = len(bench.lines("/lights"))
    bench.event("motion_detected", "Front Door", sub_type="vehicle", recording_ms=1500)
    program.find(r"Front Door: (motion_detected, in quiet hours|ignored, it has no motion zones)")
    bench.event("button_press", "Front Door")
    until(lambda: "Somebody rings: Front Door" in bench.lines("/notify"), "the notification of a ring")
    assert not any("Movement" in line for line in bench.lines("/notify"))
    assert len(bench.lines("/lights")) > lights


def security_dashboard(bench):
    program = bench.start("SecurityDashboard")
    bench.link(program)
    bench.event("motion_detected", "Front Door", sub_type="human")
    program.find(r"Front Door .*motion_detected \(human\)")
    program.find(r"Shed ")
    bench.event("device_offline", "Garden")
    program.find(r"Garden .*offline")


def motion_recorder(bench):
    folder = bench.folder / "recordings"
    folder.mkdir()
    for name, days in [("Old-1.mp4", 40), ("Young-1.mp4", 1), ("notes.txt", 40)]:
        (folder / name).write_text("x")
        os.utime(folder / name, (time.time() - days * 86_400,) * 2)
    settings = {"RECORDINGS": str(folder), "SECONDS_AFTER": "2", "KEEP_DAYS": "30"}
    program = bench.start("MotionRecorder", **settings)
    bench.link(program)
    until(lambda: not (folder / "Old-1.mp4").exists(), "the removal of an old recording")
    assert (folder / "Young-1.mp4").exists() and (folder / "notes.txt").exists()

    def notes():
        return sorted(folder.glob("FrontDoor-*.json"))

    bench.event("motion_detected", "Front Door", sub_type="human", recording_ms=1500)
    note = until(notes, "the first recording")[0]
    told = json.loads(note.read_text())
    assert told["device"] == "Front Door" and told["subType"] == "human" and told["isOnline"] is True, told
    assert "motionZones" in told and "privacyZones" in told
    assert note.with_suffix(".mp4").stat().st_size > 1_000 and note.with_suffix(".jpg").stat().st_size > 1_000
    # Killed after Ring's delivery and before the recording.
    bench.event("motion_detected", "Front Door", sub_type="human", recording_ms=1500)
    bench.call("/wait", {"deliveries": {"type": "motion_detected", "outcome": "delivered"}, "count": 2})
    program.end(signal.SIGKILL)
    assert len(notes()) == 1
    bench.start("MotionRecorder", **settings)
    last = until(lambda: len(notes()) == 2 and notes()[1], "the recording after the kill")
    assert last.with_suffix(".mp4").stat().st_size > 1_000
    assert not list(folder.glob(".ring-*")), "a part of a killed download"


def sensor_alerts(bench):
    program = bench.start("SensorAlerts", NOTIFY_URL=bench.sink.url("/notify"))
    bench.link(program)
    bench.event("flood_detected", "Cellar")
    until(lambda: any(line.startswith("flood alarm: Cellar") for line in bench.lines("/notify")), "the alarm")
    until(lambda: bench.call("/journal?path=audio/playback&status=2xx")["requests"], "the chime")
    bench.event("flood_cleared", "Cellar")
    until(lambda: any(line.startswith("flood over: Cellar") for line in bench.lines("/notify")), "the end of the alarm")
    program.find(r"Hall: ")
    assert len(bench.call("/journal?path=audio/playback")["requests"]) == 1


def self_check(bench):
    service = bench.start("RunService")
    bench.link(service)
    urls = {"WEBHOOK_URL": service.find(r"Webhook URL: +(\S+)"), "LINK_URL": service.find(r"Account Link URL: +(\S+)"),
            "TOKEN_EXCHANGE_URL": service.find(r"Token Exchange URL: (\S+)")}
    check = bench.start("SelfCheck", **urls)
    status = check.process.wait(120)
    check.reader.join(10)
    assert status == 0 and "FAIL" not in check.output and "0 of " in check.output, check.output
    wrong = bench.start("SelfCheck", **{**urls, "LINK_URL": urls["WEBHOOK_URL"]})
    status = wrong.process.wait(120)
    wrong.reader.join(10)
    assert status == 1 and wrong.output.count("FAIL") == 1, wrong.output


CASES = {"Automations": automations, "SecurityDashboard": security_dashboard, "MotionRecorder": motion_recorder,
         "SensorAlerts": sensor_alerts, "SelfCheck": self_check}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, type=Path)
    parser.add_argument("--ringctl", required=True)
    parser.add_argument("names", nargs="*", default=list(CASES))
    arguments = parser.parse_args()
    failed = False
    for name in arguments.names:
        lines = sum(len(file.read_text().splitlines()) for file in (ROOT / "Examples/Sources" / name).rglob("*.swift"))
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(arguments.programs.resolve(), str(Path(arguments.ringctl).resolve()), Path(folder))
            begin = time.monotonic()
            try:
                CASES[name](bench)
                assert lines < MAXIMUM_LINES, f"{lines} lines; a use case has fewer than {MAXIMUM_LINES}"
                print(f"examples: {name}, {lines} lines, works ({time.monotonic() - begin:.1f} s)", flush=True)
            except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
                failed = True
                print(f"examples: {name} does not work: {error}", file=sys.stderr)
                for program in bench.running:
                    print(program.output, file=sys.stderr)
            finally:
                bench.end()
    sys.exit(1 if failed else 0)


main()
