#!/usr/bin/env python3
"""Loads a `ringctl simulator` with mixed requests, and reports its processor time a request and its memory.

    Scripts/simulator-load.py RINGCTL [--seconds 60] [--connections 8] [--accounts 2 --devices 7] [--events N]
    Scripts/simulator-load.py RINGCTL --against OTHER_RINGCTL [--pairs 5]    # runs of both in turn
    Scripts/simulator-load.py RINGCTL --requests N                           # so many requests, not a time
    Scripts/simulator-load.py RINGCTL --webhooks N                           # deliveries alone

The simulator runs as a child process on free ports. Figures are of that process alone (/proc/PID/stat), so the speed of
this client does not matter. Use a release build. The receiver of webhooks refuses every tenth attempt with 503.
"""

import argparse
import http.server
import json
import os
import signal
import socket
import statistics
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
        start = time.monotonic()
        self.process = subprocess.Popen(
            [program, "simulator", "--scenario", self.file.name], stdout=subprocess.PIPE, env=environment)
        self.origins = json.loads(self.process.stdout.readline())
        self.start_seconds = round(time.monotonic() - start, 2)

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


class Tally:
    """What the workers have done."""

    def __init__(self, arguments):
        self.end = time.monotonic() + arguments.seconds if arguments.requests is None else float("inf")
        self.limit = float("inf") if arguments.requests is None else arguments.requests / arguments.connections
        self.complete, self.requests, self.bytes, self.failures, self.lists = 0, 0, 0, {}, []
        self.lock = threading.Lock()


def worker(simulator, accounts, number, tally):
    """The calls of a service: lists, single devices, history, media and refreshes in turn."""
    origins = {name: Connection(simulator.origins[f"{name}_url"]) for name in ("api", "oauth", "media")}
    tokens = [simulator.control("POST", "/tokens", {"account": account}) for account in accounts]
    count, size, failures, lists, times = 0, 0, {}, {}, []

    def send(origin, *request):
        nonlocal count, size
        status, fields, body = origins[origin].send(*request)
        count, size = count + 1, size + len(body)
        if status >= 400:
            failures[status] = failures.get(status, 0) + 1
        return status, fields, body

    turn = number
    while count < tally.limit and time.monotonic() < tally.end:
        turn += 1
        # All sixteen kinds of request for one account, then for the next.
        index = turn // 16 % len(tokens)
        access = [("Authorization", f"Bearer {tokens[index]['access_token']}")]
        if index not in lists:
            start = time.monotonic()
            body = send("api", "GET", "/v1/devices", access)[2]
            times.append(time.monotonic() - start)
            lists[index] = [urllib.parse.quote(device["id"], safe="") for device in json.loads(body)["data"]]
        device = lists[index][turn % len(lists[index])]
        kind = turn % 16
        if kind < 4:
            send("api", "GET", "/v1/devices?include=status,capabilities", access)
        elif kind < 7:
            send("api", "GET", f"/v1/devices/{device}", access)
        elif kind < 10:
            send("api", "GET", f"/v1/devices/{device}/status", access)
        elif kind < 12:
            send("api", "GET", f"/v1/history/devices/{device}/events", access)
        elif kind == 12:
            form = f"grant_type=refresh_token&refresh_token={tokens[index]['refresh_token']}"
            form += "&client_id=sim-client&client_secret=sim-client-secret"
            fields = [("Content-Type", "application/x-www-form-urlencoded")]
            status, _, body = send("oauth", "POST", "/oauth/token", fields, form.encode())
            if status == 200:
                tokens[index] = json.loads(body)
        elif kind == 13:
            order = json.dumps({"type": "latest_in_range", "start_timestamp": int(time.time() * 1000) - 60_000})
            path = f"/v1/devices/{lists[index][0]}/media/image/download"
            status, fields, _ = send("api", "POST", path, access, order.encode())
            if status == 303:
                link = urllib.parse.urlsplit(fields["location"])
                send("media", "GET", f"{link.path}?{link.query}")
        else:
            send("api", "GET", "/v1/users/me", access)
    with tally.lock:
        tally.complete, tally.requests, tally.bytes = tally.complete + 1, tally.requests + count, tally.bytes + size
        tally.lists += times
        for status in failures:
            tally.failures[status] = tally.failures.get(status, 0) + failures[status]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks, and refuses every tenth attempt, so that there are retries."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    attempts = refused = duplicates = 0
    accepted = set()

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["meta"]["request_id"]
        with Receiver.lock:
            Receiver.attempts += 1
            is_refused = Receiver.attempts % 10 == 0
            if is_refused:
                Receiver.refused += 1
            else:
                Receiver.duplicates += text in Receiver.accepted
                Receiver.accepted.add(text)
        self.send_response(503 if is_refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass

    @classmethod
    def start(cls, simulator):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), cls)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        simulator.control("POST", "/webhook", {"url": f"http://127.0.0.1:{server.server_port}/hook"})
        # A slow receiver is not what is measured.
        simulator.control("PATCH", "/switches", {"webhook_response_milliseconds": 60_000})

    @classmethod
    def report(cls):
        return {
            "attempts": cls.attempts, "refused": cls.refused, "accepted": len(cls.accepted),
            "duplicates": cls.duplicates,
        }


def trigger(connection, arguments, number):
    """Makes an event happen, for one device after the other."""
    account = number % arguments.accounts
    device = f"Camera {account}-{number // arguments.accounts % arguments.devices}"
    body = json.dumps({"type": "motion_detected", "device": device, "account": f"account-{account}"})
    status, _, text = connection.send("POST", "/events", body=body.encode())
    if status != 200:
        sys.exit(f"event: status {status}: {text.decode()}")


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
    parser.add_argument("--requests", type=int)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--accounts", type=int, default=2)
    parser.add_argument("--devices", type=int, default=7)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--webhooks", type=int, default=0)
    parser.add_argument("--against")
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.against:
        compare(arguments)
    else:
        print(json.dumps(run(arguments.program, arguments)))


def run(program, arguments):
    simulator = Simulator(program, scenario(arguments))
    try:
        return (deliver if arguments.webhooks else load)(simulator, arguments)
    finally:
        simulator.stop()


def compare(arguments):
    """Runs both programs in turn, so that what else the machine does is the same for both."""
    programs = {"program": arguments.program, "against": arguments.against}
    figures = {name: [] for name in programs}
    for pair in range(arguments.pairs):
        for name in sorted(programs, reverse=pair % 2 == 0):
            result = run(programs[name], arguments)
            figures[name].append(result["cpu_us_per_request"])
            print(json.dumps({name: result}), file=sys.stderr, flush=True)
    medians = {name: round(statistics.median(figures[name]), 1) for name in programs}
    print(json.dumps({"cpu_us_per_request": figures, "median": medians}))


class Memory(threading.Thread):
    """Reads the memory of the simulator until it is stopped."""

    def __init__(self, simulator, interval):
        super().__init__(daemon=True)
        self.simulator, self.interval, self.samples = simulator, interval, [round(simulator.megabytes(), 1)]
        self.stopped = threading.Event()
        self.start()

    def run(self):
        while not self.stopped.wait(self.interval):
            self.samples.append(round(self.simulator.megabytes(), 1))

    def stop(self):
        self.stopped.set()
        self.join()
        self.samples.append(round(self.simulator.megabytes(), 1))
        return self.samples


def load(simulator, arguments):
    accounts = [f"account-{number}" for number in range(arguments.accounts)]
    memory = Memory(simulator, min(10, max(0.1, arguments.seconds / 20)))
    if arguments.events:
        Receiver.start(simulator)
    start, before, tally, threads = time.monotonic(), simulator.seconds(), Tally(arguments), []
    for number in range(arguments.connections):
        part = accounts[number::arguments.connections] or accounts
        threads.append(threading.Thread(target=worker, args=(simulator, part, number, tally), daemon=True))
        threads[-1].start()
    connection, events = Connection(simulator.origins["control_url"]), 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.05)
        while events < (time.monotonic() - start) * arguments.events:
            trigger(connection, arguments, events)
            events += 1
    used, seconds = simulator.seconds() - before, time.monotonic() - start
    result = {
        "start_s": simulator.start_seconds, "requests": tally.requests, "per_second": round(tally.requests / seconds),
        "cpu_us_per_request": round(used / max(1, tally.requests) * 1e6, 1),
        "bytes_per_request": round(tally.bytes / max(1, tally.requests)),
        "first_lists_ms": {
            "median": round(statistics.median(tally.lists or [0]) * 1000, 1),
            "longest": round(max(tally.lists or [0]) * 1000, 1),
        },
        "failures": tally.failures, "complete": tally.complete == arguments.connections,
    }
    if arguments.events:
        settle(simulator)
        result |= {"events": events, "webhooks": Receiver.report()}
    return result | {"memory_mb": memory.stop()}


def settle(simulator):
    """Lets retries become due, and waits until no webhook is under way."""
    while True:
        simulator.control("POST", "/clock", {"advance_ms": 2000})
        if not simulator.control("GET", "/deliveries?outcome=pending&limit=1")["deliveries"]:
            return


def deliver(simulator, arguments):
    memory = Memory(simulator, 1)
    Receiver.start(simulator)
    start, before = time.monotonic(), simulator.seconds()
    connection = Connection(simulator.origins["control_url"])
    for number in range(arguments.webhooks):
        trigger(connection, arguments, number)
    settle(simulator)
    log = simulator.control("GET", "/deliveries?limit=1")
    return {
        "events": arguments.webhooks, "webhooks": Receiver.report(), "seconds": round(time.monotonic() - start, 1),
        "cpu_s": round(simulator.seconds() - before, 1), "peak_mb": max(memory.stop()), "kept": log["kept"],
        "removed": log["removed"],
    }


if __name__ == "__main__":
    sys.exit(main())
