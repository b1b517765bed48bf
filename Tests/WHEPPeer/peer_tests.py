#!/usr/bin/env python3
"""ringctl between real WebRTC engines: media end to end, and every fault of the server with its outcome.

    peer_tests.py RINGCTL [--rounds N] [--chromium PROGRAM]

The client (aiortc, or Chromium) makes the offer and decodes; ringctl alone negotiates and closes; the server's own log
counts the POSTs, PATCHes and DELETEs. Exit status 0 when everything came out as the table says.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))

# fault, exit status, code in the error line, POSTs, DELETEs; then flags for ringctl
FAULTS: list[tuple] = [
    # HTTP status: answered, nothing opened, never repeated but for 429, which opened nothing either.
    ("", 0, None, 1, 0),
    ("400", 1, "bad_request", 1, 0),
    ("403", 3, "forbidden", 1, 0),
    ("404", 4, "device_not_found", 1, 0),
    ("409-5", 1, "conflict", 1, 0),
    ("415", 1, "bad_request", 1, 0),
    ("422", 1, "unprocessable", 1, 0),
    ("429-1-1", 0, None, 2, 0),
    ("429-120", 5, "rate_limited", 1, 0),
    ("500", 1, "server_failure", 1, 0),
    ("502", 1, "server_failure", 1, 0),
    ("503-2-1", 1, "device_unavailable", 1, 0),
    ("504", 1, "server_failure", 1, 0),
    # Opened, but not in the promised form: one DELETE.
    ("status-200", 1, "unusable_answer", 1, 1),
    ("status-202", 1, "unusable_answer", 1, 1),
    ("406", 1, "counter_offered", 1, 1),
    ("wrongct", 1, "unusable_answer", 1, 1),
    ("noct", 1, "unusable_answer", 1, 1),
    ("garbage", 1, "unusable_answer", 1, 1),
    ("empty", 1, "unusable_answer", 1, 1),
    ("rejected", 1, "unusable_answer", 1, 1),
    ("inactive", 1, "unusable_answer", 1, 1),
    ("actpass", 1, "unusable_answer", 1, 1),
    ("nofp", 1, "unusable_answer", 1, 1),
    ("noufrag", 1, "unusable_answer", 1, 1),
    ("nulinside", 1, "unusable_answer", 1, 1),
    # The camera refuses to be closed: tried once more, then reported.
    ("garbage~del500", 1, "unusable_answer", 1, 2),
    ("garbage~del503", 1, "unusable_answer", 1, 2),
    ("garbage~del404", 1, "unusable_answer", 1, 1),
    ("garbage~del204", 1, "unusable_answer", 1, 1),
    ("garbage~delslow-20", 1, "unusable_answer", 1, 1),
    # Nobody can know where to close it.
    ("noloc", 1, "unusable_answer", 1, 0),
    ("emptyloc", 1, "unusable_answer", 1, 0),
    ("crossloc", 1, "unusable_answer", 1, 0),
    # Tolerated.
    ("relative", 0, None, 1, 0),
    ("relseg", 0, None, 1, 0),
    ("charset", 0, None, 1, 0),
    ("ctcase", 0, None, 1, 0),
    ("icelink", 0, None, 1, 0),
    ("extlink", 0, None, 1, 0),
    ("etag", 0, None, 1, 0),
    ("trickle", 0, None, 1, 0),
    ("slow-2", 0, None, 1, 0),
    ("nocand", 0, None, 1, 0),
    ("noeoc", 0, None, 1, 0),
    # Repaired.
    ("lf", 0, None, 1, 0),
    ("bom", 0, None, 1, 0),
    ("noeol", 0, None, 1, 0),
    ("extram", 0, None, 1, 0),
    ("recvonly", 0, None, 1, 0),
    ("sendrecv", 0, None, 1, 0),
    ("extmapdir", 0, None, 1, 0),
    ("blanks", 0, None, 1, 0),
    ("noconn", 0, None, 1, 0),
    ("nohead", 0, None, 1, 0),
    ("nomid", 0, None, 1, 0),
    ("badbundle", 0, None, 1, 0),
    ("emptyfmtp", 0, None, 1, 0),
    ("nul", 0, None, 1, 0),
    # Redirects: 307 and 308 on the same origin, with the body; anything else refused.
    ("redir-307", 0, None, 2, 0),
    ("redir-308", 0, None, 2, 0),
    ("redir-301", 1, "redirect_refused", 1, 0),
    ("redir-302", 1, "redirect_refused", 1, 0),
    ("redir-303", 1, "redirect_refused", 1, 0),
    ("redirx", 1, "redirect_refused", 1, 0),
    ("redirloop", 1, "redirect_refused", 6, 0),
    # The wire: an answer that was cut after its head names the session; without a head nothing is known.
    ("trunc", 8, "connection_lost", 1, 1),
    ("drop", 8, "connection_lost", 1, 0),
    ("hang", 8, None, 1, 0, "--timeout", "3"),
    # Media that misbehaves is the engine's to see; the negotiation is good.
    ("nomedia", 0, None, 1, 0),
    ("noice", 0, None, 1, 0),
    ("stall-1", 0, None, 1, 0),
    ("loss-5", 0, None, 1, 0),
    ("limit-3", 0, None, 1, 0),
    ("early-2", 0, None, 1, 0),
    ("audio", 0, None, 1, 0),
    ("relative~charset~extram~recvonly~lf", 0, None, 1, 0),
]


class Harness:
    def __init__(self, ringctl: str, folder: str):
        self.ringctl, self.folder, self.failures = ringctl, folder, 0
        self.base, self.store, self.secrets = "", os.path.join(folder, "ring.sqlite"), ["test-token"]
        self.server: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.server = await asyncio.create_subprocess_exec(
            sys.executable, os.path.join(HERE, "whep_server.py"), stdout=asyncio.subprocess.PIPE,
            stderr=open(os.path.join(self.folder, "server.err"), "w"), limit=1 << 20)
        self.base = json.loads(await self.server.stdout.readline())["base"]
        self.drain = asyncio.create_task(self.read_on())

    async def read_on(self) -> None:
        while await self.server.stdout.readline():
            pass

    async def control(self, path: str, body: dict | None = None):
        def call():
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(self.base + "/__control/" + path, data=data,
                                             headers={"Content-Type": "application/json"},
                                             method="GET" if body is None else "POST")
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
            return json.loads(text) if text else None
        return await asyncio.to_thread(call)

    async def run(self, *words: str, **options) -> tuple[int, str, str]:
        process = await self.spawn(*words, **options)
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    async def spawn(self, *words: str, token: str = "test-token") -> asyncio.subprocess.Process:
        environment = dict(os.environ, RING_API_URL=self.base, RING_ACCESS_TOKEN=token,
                           RING_STORE=self.store)
        return await asyncio.create_subprocess_exec(
            self.ringctl, *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=environment)

    def check(self, name: str, expected, found, detail: str = "") -> None:
        good = expected == found
        self.failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {name:<42} {found}" + ("" if good else f"   expected {expected}  {detail}"),
              flush=True)

    # --- real media

    async def media(self, name: str, client: list[str], device: str = "line") -> None:
        await self.control("reset", {})
        offer, answer = (os.path.join(self.folder, f) for f in ("o.sdp", "a.sdp"))
        for path in (offer, answer):
            if os.path.exists(path):
                os.remove(path)
        peer = await asyncio.create_subprocess_exec(*client, "--offer", offer, "--answer", answer,
                                                    stdout=asyncio.subprocess.PIPE)
        while not os.path.exists(offer):
            await asyncio.sleep(0.02)
        status, out, err = await self.run("live", "negotiate", device, "--offer", offer, "--answer", answer, "--json")
        if status:
            self.check(name, 0, status, err)
            peer.kill()
            return
        url = json.loads(out)["session_url"]
        await asyncio.sleep(4.5)
        closed_at = time.time()
        status, out, err = await self.run("live", "close", url, "--json")
        stats = json.loads((await peer.communicate())[0].decode().strip().splitlines()[-1])
        again, out2, _ = await self.run("live", "close", url, "--json")
        session = (await self.control("sessions"))[0]
        ended = stats.get("ended")
        print(f"     {name}: {stats['frames']} frames decoded, first after "
              f"{stats.get('first_frame_after_ms')} ms, gaps {stats.get('gaps')}, media ended "
              f"{round((ended - closed_at) * 1000) if ended else '?'} ms after live close began", flush=True)
        self.check(f"{name}: frames were decoded", True, stats["frames"] >= 30)
        self.check(f"{name}: closed, and closed again", (0, 0, {"closed": True}),
                   (status, again, json.loads(out2)), err)
        self.check(f"{name}: the server ended it for the DELETE", "delete", session["closed_by"])
        if ended:
            self.check(f"{name}: the media stopped", True, ended - closed_at < 3)

    async def offer(self) -> str:
        """An offer of a real engine, for the table of faults."""
        path = os.path.join(self.folder, "fixed.sdp")
        peer = await asyncio.create_subprocess_exec(
            sys.executable, os.path.join(HERE, "whep_client.py"), "--offer", path, "--answer", "/nowhere",
            "--timeout", "0.1", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        await peer.wait()
        for line in open(path).read().splitlines():
            if line.startswith(("a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=fingerprint:")):
                self.secrets.append(line.split(":", 1)[1])
        return path

    # --- every fault

    async def fault(self, offer: str, fault: str, status: int, code: str | None, posts: int, deletes: int,
                    *flags: str) -> None:
        await self.control("reset", {})
        # A store of its own: the next run closes what this one could not, which would count here.
        self.store = os.path.join(self.folder, f"{fault or 'none'}.sqlite")
        device = "line" + ("~" + fault if fault else "")
        answer = os.path.join(self.folder, "fault-answer.sdp")
        if os.path.exists(answer):
            os.remove(answer)
        found, out, err = await self.run("live", "negotiate", device, "--offer", offer, "--answer", answer, "--json",
                                         "--quiet", *flags)
        log = await self.control("log")
        count = {m: sum(e["method"] == m for e in log) for m in ("POST", "PATCH", "DELETE")}
        said = None
        if found and err.strip().startswith("{"):
            said = json.loads(err.strip().splitlines()[-1])["error"]["code"]
        name = f"line~{fault}" if fault else "line (no fault)"
        expected = (status, code if code or not status else said, posts, deletes)
        self.check(name, expected, (found, said, count["POST"], count["DELETE"]), err[-300:])
        leaks = [word for word in self.secrets if word in out + err]
        if leaks:
            self.check(name + ": says nothing secret", [], leaks)
        strangers = [e for e in log if e["auth"] != "ok" or str(e["port"]) not in self.base]
        if strangers:
            self.check(name + ": token at home", [], strangers)
        if status == 0:
            text = open(answer, "rb").read()
            good = (text.startswith(b"v=0\r\n") and text.endswith(b"\r\n") and b"a=sendonly" in text
                    and b"m=application" not in text and b"/recvonly" not in text
                    and text.count(b"\n") == text.count(b"\r\n") and b"\0" not in text
                    and not re.search(rb"[ \t]\r|^m=[^\n]*\n(?!c=)|^a=fmtp:\d+\r", text, re.M)
                    and all(re.search(line, text, re.M) for line in (rb"^s=.", rb"^t=0 0\r", rb"^a=mid:0\r",
                                                                     rb"^a=group:BUNDLE 0\r")))
            self.check(name + ": the answer is fit for engines", True, good) if not good else None
        elif os.path.exists(answer):
            self.check(name + ": no answer file", False, True)

    async def signals(self, offer: str) -> None:
        """A command that is ended while the POST runs closes what the server opens."""
        for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            await self.control("reset", {})
            process = await self.spawn("live", "negotiate", "line~slow-1", "--offer", offer, "--answer",
                                       os.path.join(self.folder, "never.sdp"))
            while not await self.control("log"):
                await asyncio.sleep(0.05)
            process.send_signal(number)
            await process.communicate()
            log = await self.control("log")
            sessions = await self.control("sessions")
            self.check(f"signal {number} during the POST", (expected, 1, 1, 0),
                       (process.returncode, sum(e["method"] == "POST" for e in log),
                        sum(e["method"] == "DELETE" for e in log),
                        sum(s["closed_after"] is None for s in sessions)))

    async def other(self, offer: str) -> None:
        await self.control("reset", {})
        await self.control("device/line", {"online": False})
        found = await self.run("live", "negotiate", "line", "--offer", offer, "--answer", "/dev/null", "--json")
        self.check("a device that is offline", (1, 1),
                   (found[0], sum(e["method"] == "POST" for e in await self.control("log"))))
        await self.control("reset", {})
        found = await self.run("live", "negotiate", "line", "--offer", offer, "--answer", "/dev/null", token="wrong")
        self.check("a wrong token", 3, found[0])

        async def sent() -> int:
            # A name of a device is looked up, which is a GET.
            return sum(e["method"] != "GET" for e in await self.control("log"))
        before = await sent()
        found = await self.run("live", "close", "https://example.com/v1/devices/a/media/streaming/whep/sessions/1")
        self.check("closing a URL elsewhere is refused", (2, before), (found[0], await sent()))
        text = open(offer, newline="").read()
        bad = os.path.join(self.folder, "bad.sdp")
        for name, edited in (("sendrecv", text.replace("a=recvonly", "a=sendrecv")), ("no candidates", "".join(
                line for line in text.splitlines(True) if "candidate" not in line)), ("html", "<html></html>"),
                ("video with port 0", re.sub(r"m=video \d+", "m=video 0", text))):
            with open(bad, "w", newline="") as file:
                file.write(edited)
            found = await self.run("live", "negotiate", "line", "--offer", bad, "--answer", "/dev/null")
            self.check(f"an offer that cannot work: {name}", (2, before), (found[0], await sent()))


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ringctl")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--chromium", help="a headless Chromium, as a second engine")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(os.path.abspath(options.ringctl), folder)
        await harness.start()
        try:
            client = [sys.executable, os.path.join(HERE, "whep_client.py"), "--seconds", "3", "--until-end", "6"]
            for number in range(options.rounds):
                await harness.media(f"aiortc, round {number + 1}", client)
            await harness.media("aiortc, odd but repairable answer", client, "line~relative~charset~extram~recvonly~lf")
            await harness.media("aiortc, an answer that browsers refuse", client,
                                "line~blanks~noconn~nohead~nomid~emptyfmtp~nul")
            await harness.media("aiortc, with sound", client + ["--audio"], "battery~audio")
            if options.chromium:
                await harness.media("Chromium", [sys.executable, os.path.join(HERE, "chromium_player.py"),
                                                 "--chromium", options.chromium, "--seconds", "3"])
            else:
                print("SKIPPED: Chromium as an engine (no chromium program here)", flush=True)
            offer = await harness.offer()
            for fault in FAULTS:
                await harness.fault(offer, *fault)
            await harness.signals(offer)
            await harness.other(offer)
        finally:
            harness.server.terminate()
            await harness.server.wait()
    print(f"{harness.failures} failures" if harness.failures else "every outcome is as expected")
    return 1 if harness.failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
