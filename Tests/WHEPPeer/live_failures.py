"""What `ringctl live record` does when something goes wrong: failures, a network that is cut, kill -9, sessions that end."""
from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import film
from live_peers import FPS, Aiortc, Peer, device

if TYPE_CHECKING:
    from live_tests import Tests

# An address of the machine that can be taken away.
CUT_ADDRESS = "10.123.0.1"


class Failures:
    def __init__(self, tests: "Tests"):
        self.tests, self.options, self.folder = tests, tests.options, tests.folder

    async def run(self, parts: tuple[str, ...]) -> None:
        wanted = [run for part, run in (("failures", self.failures), ("kill", self.kill), ("chain", self.chain))
                  if part in parts]
        if wanted:
            peer = Aiortc(self.folder)
            await peer.start()
            try:
                await asyncio.gather(*(run(peer) for run in wanted))
            finally:
                await peer.stop()
        if "cut" in parts:
            await self.cut()

    # --- failures

    async def failure(
        self, peer: Peer, name: str, faults: tuple[str, ...], code: str | None, *, cause=None, deletes: int = 1, posts: int = 1,
        limit: float = 6, words: tuple[str, ...] = (), store: str | None = None, after_cause=None, **more: str
    ) -> str:
        """The command says within seconds why there is no more video, and closes the session with one DELETE.

        `cause` waits for what goes wrong; without it that is the response to the offer."""
        camera = device(*faults)
        path = os.path.join(self.folder, camera + ".mp4")
        process = await self.tests.spawn(
            peer, "live", "record", camera, "-o", path, "--json", *words, store=store, **more)
        reading = asyncio.create_task(process.communicate())
        began = await (cause or self.opened)(peer, camera, reading)
        try:
            _, err = await asyncio.wait_for(asyncio.shield(reading), 60)
        except asyncio.TimeoutError:
            process.kill()
            self.tests.check(name, False, "did not end within 60 s")
            return camera
        took = time.time() - began
        if after_cause:
            await after_cause()
        said = None
        for line in err.decode().strip().splitlines():
            if line.startswith("{") and "error" in (value := json.loads(line)):
                said = value["error"]["code"]
        found = sum(e["method"] == "DELETE" for e in await peer.log_of(camera))
        made = len(await peer.sessions_of(camera))
        self.tests.check(
            name, said == code and found == deletes and made == posts and (process.returncode == 0) == (code is None)
            and took <= limit + self.options.slack,
            f"{said or 'no error'}, {found} DELETE, {took:.1f} s", f"status {process.returncode}, {made} sessions: {err.decode()}")
        return camera

    @staticmethod
    async def opened(peer: Peer, camera: str, reading: asyncio.Task) -> float:
        while not reading.done():
            for session in await peer.sessions_of(camera):
                return session["created"]
            await asyncio.sleep(0.1)
        return time.time()

    @staticmethod
    async def stopped(peer: Peer, camera: str, reading: asyncio.Task) -> float:
        """When the peer sent its last picture, or ended the session."""
        while not reading.done():
            for session in await peer.sessions_of(camera):
                if session["complete"] or session["closed_after"] is not None:
                    return session["over_at"] or session["created"] + session["closed_after"]
            await asyncio.sleep(0.1)
        return time.time()

    async def failures(self, peer: Peer) -> None:
        empty = os.path.join(self.folder, "empty")
        os.makedirs(empty, exist_ok=True)
        nothing = {"GST_PLUGIN_SYSTEM_PATH": empty, "GST_PLUGIN_PATH": empty,
                   "GST_REGISTRY": os.path.join(empty, "registry.bin")}
        cases = [
            self.failure(peer, "no video in the answer", ("rejected",), "unusable_answer"),
            self.failure(peer, "an answer that sends nothing", ("inactive",), "unusable_answer"),
            self.failure(peer, "DTLS failure", ("badfp",), "live_handshake_failed"),
            self.failure(peer, "no path to the peer", ("noice",), "live_connection_failed"),
            self.failure(peer, "no packets", ("nomedia",), "live_idle"),
            self.failure(peer, "the video stops", ("stall-2",), "live_idle", cause=self.stopped),
            self.failure(peer, "the server ends the session", ("early-3",), "live_peer_stopped", cause=self.stopped),
            self.failure(peer, "the cap", (), None, limit=34),
            self.failure(peer, "the engine is missing", (), "live_engine_missing", deletes=0, posts=0, **nothing),
        ]
        if self.options.short:
            cases.pop(-2).close()       # half a minute
        for at in range(0, len(cases), 3):
            await asyncio.gather(*cases[at:at + 3])

    # --- the network is cut

    async def cut(self) -> None:
        """Once more in a network namespace of its own, whose interface can be taken away from under the session."""
        ways = (["unshare", "-n"], ["unshare", "-Urn"])
        way = next((w for w in ways if shutil.which("unshare") and subprocess.run(
            [*w, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0), None)
        if not way or not shutil.which("ip"):
            print("SKIPPED: a network that is cut (no namespace can be made here: unshare -n, ip)", flush=True)
            return
        process = await asyncio.create_subprocess_exec(
            *way, sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "live_tests.py"),
            self.tests.ringctl, "--inside", "--slack", str(self.options.slack))
        self.tests.failures += await process.wait() != 0

    async def cut_inside(self) -> None:
        def ip(*words: str) -> None:
            subprocess.run(["ip", *words], check=True)
        ip("link", "set", "lo", "up")
        ip("address", "add", CUT_ADDRESS + "/32", "dev", "lo")
        peer = Aiortc(self.folder)
        await peer.start("--media-address", CUT_ADDRESS)

        def cutting(*words: str):
            async def cause(peer: Peer, camera: str, reading: asyncio.Task) -> float:
                while not reading.done():
                    for session in await peer.sessions_of(camera):
                        if session["pictures"] >= 2 * FPS:
                            ip(*words)
                            return time.time()
                    await asyncio.sleep(0.1)
                return time.time()
            return cause
        try:
            await self.failure(
                peer, "the media's network is cut", (), "live_idle",
                cause=cutting("address", "delete", CUT_ADDRESS + "/32", "dev", "lo"))
            ip("address", "add", CUT_ADDRESS + "/32", "dev", "lo")
            store = os.path.join(self.folder, "cut.sqlite")

            # No picture for five seconds; then the DELETE is tried twice, for five seconds each.
            async def restore() -> None:
                ip("link", "set", "lo", "up")
            camera = await self.failure(
                peer, "every network is cut", (), "live_idle", deletes=0, store=store, limit=16, after_cause=restore,
                cause=cutting("link", "set", "lo", "down"))
            await self.next_start(peer, "every network was cut", camera, store)
        finally:
            await peer.stop()

    async def next_start(self, peer: Peer, name: str, camera: str, store: str) -> None:
        """The next session of any device closes the one that was left open."""
        path = os.path.join(self.folder, camera + "-next.mp4")
        process = await self.tests.spawn(
            peer, "live", "record", device(), "-o", path, "--duration", "1s", "--json", store=store)
        _, err = await process.communicate()
        left = [s for s in await peer.sessions_of(camera) if s["closed_after"] is None]
        deletes = sum(e["method"] == "DELETE" for e in await peer.log_of(camera))
        made = len(await peer.sessions_of(camera))
        self.tests.check(f"{name}: the next start closes it", not left and process.returncode == 0 and deletes >= made,
                         f"{made} sessions, {deletes} DELETE", err.decode())

    # --- kill -9

    async def kill(self, peer: Peer) -> None:
        if self.options.short:
            cases = [(d, 30) for d in (0.05, 0.2, 0.5, 1, 2, 4)] + [(3.1, 2)]
        else:
            # From before the offer to five seconds of recording, and around the completion of a file.
            cases = [(0.05 * 1.25 ** n, 30) for n in range(22)] + [(1.2 + 0.05 * n, 1) for n in range(14)]
        places = asyncio.Semaphore(3)

        async def one(delay: float, seconds: int) -> None:
            async with places:
                await self.kill_after(peer, delay, seconds)
        await asyncio.gather(*(one(*c) for c in cases))

    async def kill_after(self, peer: Peer, delay: float, seconds: int) -> None:
        camera = device()
        path, store = (os.path.join(self.folder, f"{camera}.{end}") for end in ("mp4", "sqlite"))
        name = f"kill -9 after {delay:.2f} s" + (f", recording {seconds} s" if seconds < 30 else "")
        process = await self.tests.spawn(
            peer, "live", "record", camera, "-o", path, "--duration", f"{seconds}s", "--json", store=store)
        reading = asyncio.create_task(process.communicate())
        await asyncio.wait([reading], timeout=delay)
        if not reading.done():
            process.kill()
        sent = await peer.sent(camera)
        await reading
        await self.next_start(peer, name, camera, store)
        # What is left lies beside the final name, or has it.
        left = [os.path.join(self.folder, f) for f in os.listdir(self.folder)
                if f.startswith(os.path.basename(path)) and not f.endswith(".json")]
        has_pictures = bool(left) and os.path.getsize(left[0]) > 1500
        if not sent or not sent.count or not has_pictures:
            # The jitter buffer holds half a second, the first fragment another one.
            behind = (sent.count if sent else 0) / FPS
            self.tests.check(f"{name}: no picture yet", behind <= 2 + self.options.slack, f"{behind:.2f} s were sent")
            return
        seen = await asyncio.to_thread(film.check, left[0], False)
        behind = (sent.count - seen["decoded"]) / FPS
        # Half a second is in the jitter buffer, and a second is what may be lost.
        limit = 1.5 + self.options.slack if seconds == 30 else 60
        self.tests.check(f"{name}: the file plays", not seen["errors"] and not seen["missing"] and behind <= limit,
                         f"{seen['decoded']} pictures, {behind:.2f} s behind the peer", f"{seen['errors']} {seen['numbers']}")

    # --- chain

    async def chain(self, peer: Peer) -> None:
        seconds, limit = (90, 20) if self.options.short else (600, 60)
        camera = device(f"limit-{limit}")
        path = os.path.join(self.folder, "chain.mp4")
        process = await self.tests.spawn(
            peer, "live", "record", camera, "-o", path, "--duration", f"{seconds}s", "--chain", "--json")
        reading = asyncio.create_task(process.communicate())
        most = 0
        while not reading.done():
            most = max(most, sum(s["closed_after"] is None for s in await peer.sessions_of(camera)))
            await asyncio.wait([reading], timeout=0.5)
        out, err = await reading
        result = json.loads(out.decode().strip().splitlines()[-1]) if process.returncode == 0 else {}
        gaps = result.get("gaps", [])
        self.tests.check(
            "chain: recorded", process.returncode == 0 and result["duration_ms"] >= 1000 * (seconds - 30),
            f"{result.get('duration_ms', 0) / 1000:.0f} s, {result.get('frames')} pictures", err.decode())
        self.tests.check("chain: one session at a time", most == 1, f"{most}")
        sessions = await peer.sessions_of(camera)
        self.tests.check("chain: several sessions", len(sessions) >= seconds // limit, f"{len(sessions)}")
        # A machine without time may also stall a session.
        changes = [g for g in gaps if g["reason"] != "stalled"]
        self.tests.check("chain: every gap is listed", len(changes) == len(sessions) - 1 == result.get("sessions", 0) - 1,
                         ", ".join(f"{g['length_ms'] / 1000:.2f} s ({g['reason']})" for g in gaps), str(result))
        deletes = sum(e["method"] == "DELETE" for e in await peer.log_of(camera))
        self.tests.check("chain: one DELETE a session", deletes == len(sessions), f"{deletes}")
        if process.returncode == 0:
            seen = await asyncio.to_thread(film.check, path, False)
            self.tests.check("chain: it plays", not seen["errors"] and seen["decoded"] == result["frames"],
                             f"{seen['decoded']} pictures")
