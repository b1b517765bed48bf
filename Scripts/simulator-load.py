#!/usr/bin/env python3
"""Loads a `ringctl simulator` with mixed requests, and reports its processor time a request and its memory.

    Scripts/simulator-load.py RINGCTL [--seconds 60] [--connections 8] [--accounts N --devices M] [--webhooks N]

The simulator runs as a child process on free ports. Figures are of that process alone (/proc/PID/stat), so the speed of
this client does not matter.
"""

import argparse
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


class Connection:
    """One kept connection, used by one thread."""

    def __init__(self, origin):
        self.host = urllib.parse.urlsplit(origin).netloc
        self.open()

    def open(self):
        host, port = self.host.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, method, path, fields=(), body=b""):
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
        self.socket.sendall(head.encode() + body)
        while b"\r\n\r\n" not in self.rest:
            self.read()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines[1:]}
        length = int(fields.get("content-length", 0))
        while len(self.rest) < length:
            self.read()
        body, self.rest = self.rest[:length], self.rest[length:]
        return int(lines[0].split(" ")[1]), fields, body

    def read(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("closed")
        self.rest += piece


class Simulator:
    def __init__(self, program, scenario):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump(scenario, self.file)
        self.file.flush()
        environment = {"HOME": tempfile.gettempdir(), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            [program, "simulator", "--scenario", self.file.name], stdout=subprocess.PIPE, env=environment)
        self.origins = json.loads(self.process.stdout.readline())

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            self.origins["control_url"] + path, method=method, data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request) as response:
            text = response.read()
            return json.loads(text) if text else None

    def seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def megabytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def worker(simulator, accounts, end, number, counts, failures):
    """The calls of a service: lists, single devices, history, media and refreshes in turn."""
    api, oauth = Connection(simulator.origins["api_url"]), Connection(simulator.origins["oauth_url"])
    media = Connection(simulator.origins["media_url"])
    tokens = [simulator.control("POST", "/tokens", {"account": account}) for account in accounts]
    lists, count, turn = {}, 0, number
    while time.monotonic() < end:
        turn += 1
        index = turn % len(tokens)
        access = [("Authorization", f"Bearer {tokens[index]['access_token']}")]
        if index not in lists:
            status, _, body = api.send("GET", "/v1/devices", access)
            lists[index] = [urllib.parse.quote(device["id"], safe="") for device in json.loads(body)["data"]]
            count += 1
        device = lists[index][turn % len(lists[index])]
        kind = turn % 16
        if kind < 4:
            status = api.send("GET", "/v1/devices?include=status,capabilities", access)[0]
        elif kind < 7:
            status = api.send("GET", f"/v1/devices/{device}", access)[0]
        elif kind < 10:
            status = api.send("GET", f"/v1/devices/{device}/status", access)[0]
        elif kind < 12:
            status = api.send("GET", f"/v1/history/devices/{device}/events", access)[0]
        elif kind == 12:
            form = f"grant_type=refresh_token&refresh_token={tokens[index]['refresh_token']}"
            form += "&client_id=sim-client&client_secret=sim-client-secret"
            fields = [("Content-Type", "application/x-www-form-urlencoded")]
            status, _, body = oauth.send("POST", "/oauth/token", fields, form.encode())
            if status == 200:
                tokens[index] = json.loads(body)
        elif kind == 13:
            order = json.dumps({"type": "latest_in_range", "start_timestamp": int(time.time() * 1000) - 60_000})
            status, fields, _ = api.send(
                "POST", f"/v1/devices/{lists[index][0]}/media/image/download", access, order.encode())
            if status == 303:
                link = urllib.parse.urlsplit(fields["location"])
                status = media.send("GET", f"{link.path}?{link.query}")[0]
                count += 1
        else:
            status = api.send("GET", "/v1/users/me", access)[0]
        count += 1
        if status >= 400 and status not in (416, 404):
            failures[status] = failures.get(status, 0) + 1
    counts[number] = count


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.count += 1
        # Every tenth is refused once, so that there are retries.
        self.send_response(503 if Receiver.count % 10 == 0 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


def scenario(arguments):
    accounts = []
    for number in range(arguments.accounts):
        devices = [{"kind": "camera", "name": f"Camera {number}-{index}"} for index in range(arguments.devices)]
        accounts.append({"id": f"account-{number}", "state": "completed", "devices": devices})
    return {"accounts": accounts, "switches": {"media_everywhere": True}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--accounts", type=int, default=2)
    parser.add_argument("--devices", type=int, default=7)
    parser.add_argument("--webhooks", type=int, default=0)
    arguments = parser.parse_args()
    simulator = Simulator(arguments.program, scenario(arguments))
    try:
        if arguments.webhooks:
            deliver(simulator, arguments)
        else:
            load(simulator, arguments)
    finally:
        simulator.stop()


def load(simulator, arguments):
    accounts = [f"account-{number}" for number in range(arguments.accounts)]
    start, end = time.monotonic(), time.monotonic() + arguments.seconds
    before, counts, failures = simulator.seconds(), {}, {}
    threads = []
    for number in range(arguments.connections):
        part = accounts[number::arguments.connections] or accounts
        threads.append(
            threading.Thread(target=worker, args=(simulator, part, end, number, counts, failures), daemon=True))
        threads[-1].start()
    memory = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(15, max(0.1, arguments.seconds / 20)))
        memory.append(round(simulator.megabytes(), 1))
    count, used = sum(counts.values()), simulator.seconds() - before
    print(json.dumps({
        "requests": count, "per_second": round(count / (time.monotonic() - start)),
        "cpu_us_per_request": round(used / max(1, count) * 1e6, 1), "memory_mb": memory, "failures": failures,
        "complete": len(counts) == arguments.connections,
    }))


def deliver(simulator, arguments):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    simulator.control("POST", "/webhook", {"url": f"http://127.0.0.1:{server.server_port}/hook"})
    simulator.control("PATCH", "/switches", {"webhook_response_milliseconds": 60_000})
    start, before = time.monotonic(), simulator.seconds()
    connection = Connection(simulator.origins["control_url"])
    for number in range(arguments.webhooks):
        device = f"Camera {number % arguments.accounts}-{number % arguments.devices}"
        body = json.dumps({"type": "motion_detected", "device": device, "account": f"account-{number % arguments.accounts}"})
        connection.send("POST", "/events", body=body.encode())
    peak = 0
    while True:
        simulator.control("POST", "/clock", {"advance_ms": 2000})
        peak = max(peak, simulator.megabytes())
        state = simulator.control("GET", "/deliveries?outcome=pending&limit=1")
        if not state["deliveries"]:
            break
    delivered = simulator.control("GET", "/deliveries?limit=1")
    print(json.dumps({
        "webhooks": arguments.webhooks, "attempts": Receiver.count, "seconds": round(time.monotonic() - start, 1),
        "cpu_s": round(simulator.seconds() - before, 1), "peak_mb": round(peak, 1), "kept": delivered["kept"],
        "removed": delivered["removed"],
    }))


if __name__ == "__main__":
    sys.exit(main())
