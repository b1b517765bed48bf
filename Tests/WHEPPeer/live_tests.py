#!/usr/bin/env python3
"""`ringctl live record` against real WebRTC peers: what of the video arrives, and what happens when something goes wrong.

    live_tests.py RINGCTL [--short] [--chromium PROGRAM] [--recordings N] [--only PART …]

Peers: aiortc, Chromium, and the sender of this package in `ringctl simulator`. Each sends a picture with a running number. Parts:

    recordings  N recordings of 10 s a peer decode completely, and none has a picture missing
    loss        the same with 5 % loss and 50 ms jitter: 99 % of the pictures, no lasting damage (SSIM with the source)
    failures    cap, end by the server, no video, DTLS failure, network cut, engine missing: a typed error, one DELETE
    kill        kill -9 at any moment: the next start closes the session, the file plays up to its last second
    chain       sessions one after the other: one at a time, every gap listed

--short takes ten recordings a peer and 90 s of chain. Exit status 0 when everything came out as it should.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import film

HERE = os.path.dirname(os.path.abspath(__file__))
FILM = {"pictures": 1200, "fps": 20}


def call(url: str, body=None, method: str | None = None):
    request = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
        method=method or ("GET" if body is None else "POST"))
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
    return json.loads(text) if text else None


class Peer:
    """A server that sends video, and how ringctl reaches it."""
    name = ""
    frames_wrap: int | None = None

    def __init__(self, tests: "Tests"):
        self.tests, self.process = tests, None
        self.api, self.token = "", "test-token"

    async def begin(self, *words: str) -> dict:
        self.log = open(os.path.join(self.tests.folder, f"{self.name}.log"), "w")
        self.process = await asyncio.create_subprocess_exec(
            *words, stdout=asyncio.subprocess.PIPE, stderr=self.log, limit=1 << 20)
        first = json.loads(await self.process.stdout.readline())
        self.drain = asyncio.create_task(self.read_on())
        return first

    async def read_on(self) -> None:
        while await self.process.stdout.readline():
            pass

    async def stop(self) -> None:
        self.process.terminate()
        await self.process.wait()
        self.drain.cancel()
        self.log.close()

    async def sessions(self) -> list[dict]:
        return await asyncio.to_thread(call, self.api + "/__control/sessions")

    async def device(self, network: tuple[int, int] | None) -> str:
        return "line" + (f"~net-{network[0]}-{network[1]}" if network else "")


class Aiortc(Peer):
    name = "aiortc"

    async def start(self) -> None:
        first = await self.begin(sys.executable, os.path.join(HERE, "whep_server.py"), "--battery-limit", "30")
        self.api = first["base"]


class Chromium(Peer):
    name = "Chromium"

    async def start(self) -> None:
        first = await self.begin(
            sys.executable, os.path.join(HERE, "chromium_server.py"), "--chromium", self.tests.options.chromium)
        self.api = first["base"]


class OwnSender(Peer):
    """`ringctl simulator`, which plays a film."""
    name = "own sender"
    frames_wrap = FILM["pictures"]

    async def start(self) -> None:
        first = await self.begin(
            self.tests.ringctl, "simulator", "--video", await self.tests.film(), "--video-rate", str(FILM["fps"]))
        self.api, self.control = first["api_url"], first["control_url"]
        account = (await asyncio.to_thread(call, self.control + "/state"))["accounts"][0]
        await asyncio.to_thread(
            call, f"{self.control}/accounts/{urllib.parse.quote(account['id'], safe='')}", {"state": "completed"}, "PATCH")
        await asyncio.to_thread(call, self.control + "/switches", {"whep_requires_high_profile": False}, "PATCH")
        self.id = next(d["id"] for d in account["devices"] if d["kind"] in ("doorbell", "camera"))
        tokens = await asyncio.to_thread(call, self.control + "/tokens", {})
        self.token = tokens.get("access_token") or tokens["access"]

    async def sessions(self) -> list[dict]:
        return (await asyncio.to_thread(call, self.control + "/sessions"))["sessions"]

    async def device(self, network: tuple[int, int] | None) -> str:
        loss, jitter = network or (0, 0)
        await asyncio.to_thread(
            call, self.control + "/switches",
            {"whep_packet_loss_percent": loss, "whep_packet_jitter_milliseconds": jitter}, "PATCH")
        return self.id


class Tests:
    def __init__(self, options: argparse.Namespace, folder: str):
        self.options, self.folder, self.failures, self.store = options, folder, 0, 0
        self.ringctl = os.path.abspath(options.ringctl)
        self.made_film: str | None = None

    async def film(self) -> str:
        if not self.made_film:
            path = os.path.join(self.folder, "film.h264")
            await asyncio.to_thread(film.make, path, 640, 360, FILM["fps"], FILM["pictures"], 800, False)
            self.made_film = path
        return self.made_film

    def check(self, name: str, good: bool, found="", detail: str = "") -> None:
        self.failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {name:<46} {found}" + ("" if good else f"   {detail[-400:]}"), flush=True)

    def environment(self, peer: Peer, store: str | None = None) -> dict:
        self.store += 1
        return dict(os.environ, RING_API_URL=peer.api, RING_ACCESS_TOKEN=peer.token,
                    RING_STORE=store or os.path.join(self.folder, f"store-{self.store}.sqlite"))

    async def spawn(self, peer: Peer, *words: str, store: str | None = None, prefix: tuple = (), **more: str):
        return await asyncio.create_subprocess_exec(
            *prefix, self.ringctl, *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env={**self.environment(peer, store), **more})

    # --- recordings

    async def record(self, peer: Peer, device: str, number: int, seconds: float) -> dict:
        path = os.path.join(self.folder, f"{peer.name}-{number}.mp4".replace(" ", "-"))
        began = time.monotonic()
        process = await self.spawn(peer, "live", "record", device, "-o", path, "--duration", f"{seconds:g}s", "--json")
        out, err = await process.communicate()
        result = {"path": path, "status": process.returncode, "error": err.decode()[-400:],
                  "seconds": round(time.monotonic() - began, 1)}
        if process.returncode == 0:
            result |= json.loads(out.decode().strip().splitlines()[-1])
        return result

    async def recordings(self, peer: Peer, network: tuple[int, int] | None) -> None:
        device, count = await peer.device(network), self.options.recordings
        places = asyncio.Semaphore(self.options.parallel)

        async def one(number: int) -> dict:
            async with places:
                result = await self.record(peer, device, number, 10)
                if result["status"] == 0:
                    result["seen"] = await asyncio.to_thread(
                        film.check, result["path"], network is not None, peer.frames_wrap)
                    os.remove(result["path"])
                return result
        results = await asyncio.gather(*(one(n) for n in range(count)))
        name = f"{peer.name}, {f'{network[0]} % loss, {network[1]} ms jitter' if network else 'no loss'}"
        good = [r for r in results if "seen" in r]
        errors = [r["error"] for r in results if "seen" not in r]
        self.check(f"{name}: recorded", len(good) == count, f"{len(good)} of {count}", errors[0] if errors else "")
        if not good:
            return
        decoded = sum(r["seen"]["decoded"] for r in good)
        missing = sum(r["seen"]["missing"] for r in good)
        damaged = sum(r["seen"]["errors"] + r["seen"]["unreadable"] + r["seen"]["repeated"] for r in good)
        short = [r["seen"]["decoded"] for r in good if r["seen"]["decoded"] < 0.8 * 10 * FILM["fps"]]
        differs = [r for r in good if r["frames"] != r["seen"]["decoded"]]
        self.check(f"{name}: as many pictures as were reported", not differs, f"{decoded} pictures",
                   str([(r["frames"], r["seen"]) for r in differs[:3]]))
        self.check(f"{name}: no decoder error", damaged == 0, f"{damaged}", str([r["seen"] for r in good[:3]]))
        share = decoded / max(1, decoded + missing)
        if network is None:
            # Chromium leaves out pictures itself when the machine is busy; its own count says how many it sent.
            bound = missing == 0 if peer.name != "Chromium" else share > 0.9
            self.check(f"{name}: no picture missing", bound, f"{missing} missing", str([r["seen"] for r in good]))
            self.check(f"{name}: none is short", not short or peer.name == "Chromium", f"{short}")
        else:
            self.check(f"{name}: 99 % decode", share >= 0.99, f"{100 * share:.2f} %", str([r["seen"] for r in good]))
            lowest = min(r["seen"].get("ssim_lowest", 0) for r in good)
            self.check(f"{name}: no lasting damage (SSIM)", lowest > 0.9, f"lowest {lowest:.3f}")

    # --- failures

    async def failure(self, peer: Peer, name: str, faults: str, *, codes: tuple, limit: float = 6, deletes: int = 1,
                      status: int | None = None, during=None, prefix: tuple = (), **more: str) -> None:
        """The command ends soon after the cause, says why, and has closed the session."""
        device = f"line~noeoc~{faults}~{random.randrange(1 << 30)}" if faults else "line"
        before = len(await self.log(peer))
        path = os.path.join(self.folder, "failure.mp4")
        process = await self.spawn(
            peer, "live", "record", device, "-o", path, "--duration", "40s", "--json", prefix=prefix, **more)
        began = time.monotonic()
        if during:
            began = await during()
        try:
            out, err = await asyncio.wait_for(process.communicate(), 60)
        except asyncio.TimeoutError:
            process.kill()
            self.check(name, False, "did not end within 60 s")
            return
        took = time.monotonic() - began
        said = ""
        for line in reversed(err.decode().strip().splitlines()):
            if line.startswith("{"):
                said = json.loads(line).get("error", {}).get("code", "")
                break
        log = (await self.log(peer))[before:]
        found = sum(e["method"] == "DELETE" for e in log)
        good = found == deletes and (not codes or said in codes) and (status is None or process.returncode == status)
        self.check(name, good, f"status {process.returncode}, {said or 'no error'}, {found} DELETE, after {took:.1f} s",
                   err.decode())
        if limit:
            self.check(f"{name}: in time", took <= limit + self.options.slack, f"{took:.1f} s")

    async def log(self, peer: Peer) -> list:
        return await asyncio.to_thread(call, peer.api + "/__control/log")

    async def failures_(self, peer: Peer) -> None:
        await self.failure(peer, "no video in the answer", "inactive", codes=("unusable_answer",), status=1)
        await self.failure(peer, "DTLS failure", "badfp", codes=())
        await self.failure(peer, "no packets", "nomedia", codes=(), limit=7)
        await self.failure(peer, "no path to the peer", "noice", codes=(), limit=35)
        await self.failure(peer, "the video stops", "stall-2", codes=(), limit=9)
        await self.failure(peer, "the server ends the session", "early-3", codes=(), limit=10, deletes=1)
        empty = os.path.join(self.folder, "empty")
        os.makedirs(empty, exist_ok=True)
        await self.failure(
            peer, "the engine is missing", "", codes=(), deletes=0, GST_PLUGIN_SYSTEM_PATH=empty,
            GST_PLUGIN_PATH=empty, GST_REGISTRY=os.path.join(empty, "registry.bin"))

    # --- kill -9

    async def kill(self, peer: Peer) -> None:
        for delay in (0.05, 0.2, 0.5, 1, 2, 4) if self.options.short else [0.05 * 1.25 ** n for n in range(22)]:
            path = os.path.join(self.folder, f"killed-{delay:.2f}.mp4")
            store = os.path.join(self.folder, f"killed-{delay:.2f}.sqlite")
            device = f"line~noeoc~{random.randrange(1 << 30)}"
            process = await self.spawn(
                peer, "live", "record", device, "-o", path, "--duration", "30s", "--json", store=store)
            await asyncio.sleep(delay)
            process.kill()
            await process.wait()
            # What is left lies beside the final name.
            parts = [os.path.join(self.folder, f) for f in os.listdir(self.folder)
                     if f.startswith(os.path.basename(path)) or os.path.basename(path) in f]
            seen = await asyncio.to_thread(film.check, parts[0], False) if parts and os.path.getsize(parts[0]) > 2000 else None
            next_ = await self.spawn(
                peer, "live", "record", device, "-o", path + "-next.mp4", "--duration", "1s", "--json", store=store)
            _, err = await next_.communicate()
            open_ = [s for s in await self.sessions_of(peer, device) if s["closed_after"] is None]
            self.check(f"kill -9 after {delay:.2f} s", not open_ and next_.returncode == 0,
                       f"{len(open_)} sessions open; the file has {seen['decoded'] if seen else 'no'} pictures", err.decode())
            if seen:
                self.check(f"kill -9 after {delay:.2f} s: the file plays", seen["errors"] == 0, f"{seen}")

    async def sessions_of(self, peer: Peer, device: str) -> list:
        return [s for s in await peer.sessions() if s["device"] == device]

    # --- chain

    async def chain(self, peer: Peer) -> None:
        seconds, limit = (90, 20) if self.options.short else (600, 60)
        device = f"line~noeoc~limit-{limit}~{random.randrange(1 << 30)}"
        path = os.path.join(self.folder, "chain.mp4")
        process = await self.spawn(
            peer, "live", "record", device, "-o", path, "--duration", f"{seconds}s", "--chain", "--json")
        most = 0
        while process.returncode is None:
            most = max(most, sum(s["closed_after"] is None for s in await self.sessions_of(peer, device)))
            try:
                await asyncio.wait_for(process.wait(), 0.5)
            except asyncio.TimeoutError:
                pass
        out, err = await process.communicate()
        result = json.loads(out.decode().strip().splitlines()[-1]) if process.returncode == 0 else {}
        self.check("chain: recorded", process.returncode == 0, json.dumps(result)[:300], err.decode())
        self.check("chain: one session at a time", most <= 1, f"{most}")
        sessions = await self.sessions_of(peer, device)
        self.check("chain: several sessions", len(sessions) >= seconds // limit, f"{len(sessions)}")
        self.check("chain: every gap is listed", len(result.get("gaps", [])) == len(sessions) - 1,
                   f"{len(result.get('gaps', []))} gaps")
        if process.returncode == 0:
            seen = await asyncio.to_thread(film.check, path, False)
            self.check("chain: it plays", seen["errors"] == 0 and seen["decoded"] == result["frames"], f"{seen}")


async def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("ringctl")
    p.add_argument("--short", action="store_true")
    p.add_argument("--chromium", help="a headless Chromium, as a peer")
    p.add_argument("--recordings", type=int)
    p.add_argument("--parallel", type=int, default=5, help="recordings at the same time")
    p.add_argument("--slack", type=float, default=20, help="seconds that a busy machine may take longer for a failure")
    p.add_argument("--only", nargs="+", choices=("recordings", "loss", "failures", "kill", "chain"))
    o = p.parse_args()
    o.recordings = o.recordings or (10 if o.short else 100)
    if not shutil.which("ffmpeg"):
        print("SKIPPED: comparison with the source (no ffmpeg)", flush=True)
    wanted = o.only or ("recordings", "loss", "failures", "kill", "chain")
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(o, folder)
        peers = [Aiortc(tests), OwnSender(tests)] + ([Chromium(tests)] if o.chromium else [])
        if not o.chromium:
            print("SKIPPED: Chromium as a peer (no chromium program here)", flush=True)
        for peer in peers:
            began = time.monotonic()
            await peer.start()
            try:
                if "recordings" in wanted:
                    await tests.recordings(peer, None)
                if "loss" in wanted and shutil.which("ffmpeg"):
                    await tests.recordings(peer, (5, 50))
                if peer.name == "aiortc":
                    for part, run in (("failures", tests.failures_), ("kill", tests.kill), ("chain", tests.chain)):
                        if part in wanted:
                            await run(peer)
            finally:
                await peer.stop()
            print(f"     {peer.name}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{tests.failures} failures" if tests.failures else "everything came out as it should")
    return 1 if tests.failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(asyncio.run(main()))
