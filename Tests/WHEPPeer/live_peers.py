"""The servers that send video to `ringctl live record`: aiortc, Chromium, and the sender of this package.

Each sends a picture with a running number and can say what it has sent, so that a recording is compared with what came onto the
network: a sender that gets no time of a busy processor sends less, and nothing of that is lost.
"""
from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FPS = 20


def call(url: str, body=None, method: str | None = None):
    request = urllib.request.Request(
        url, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
        method=method or ("GET" if body is None else "POST"))
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
    return json.loads(text) if text else None


class Sent:
    """What a peer has sent in one session."""

    def __init__(self, count: int, is_complete: bool, numbers: list[int] | None = None, slices: list[int] | None = None):
        self.count, self.is_complete, self.numbers, self.slices = count, is_complete, numbers, slices

    def is_in(self, seen: dict) -> bool:
        """Whether a recording has every picture that was sent, from the first to the last, and nothing else."""
        if self.slices is not None:
            return seen["slices"] == self.slices
        if self.numbers is not None:
            return seen["numbers"] == self.numbers
        # A film goes on with its next key frame when it is asked for one: its numbers have gaps without a loss.
        return seen["decoded"] == self.count and not seen["repeated"] and seen["numbers"][:1] == [0]


class Peer:
    name = ""

    def __init__(self, folder: str):
        self.folder, self.process = folder, None
        self.api, self.token = "", "test-token"

    async def begin(self, *words: str) -> dict:
        self.log = open(os.path.join(self.folder, f"{self.name}.log"), "w")
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

    async def sessions_of(self, device: str) -> list[dict]:
        return [s for s in await self.sessions() if s["device"] == device]

    async def log_of(self, device: str) -> list[dict]:
        return [e for e in await asyncio.to_thread(call, self.api + "/__control/log") if f"/{device}/" in e["path"]]

    async def prepare(self, seconds: int, network: tuple[int, int] | None) -> None:
        """The next sessions send for so long; `network` has a loss in per cent and a jitter in milliseconds."""
        self.faults = [f"stall-{seconds}"] + ([f"net-{network[0]}-{network[1]}"] if network else [])

    def device(self, place: int) -> str:
        """A device for one of the recordings that run at the same time."""
        return device(*self.faults)

    async def sent(self, device: str) -> Sent | None:
        raise NotImplementedError


def device(*faults: str) -> str:
    """A device of the test servers with faults, that was never used before."""
    return "~".join(["line", "noeoc", *faults, f"id{random.randrange(1 << 40)}"])


class Aiortc(Peer):
    name = "aiortc"

    async def start(self, *words: str) -> None:
        first = await self.begin(sys.executable, os.path.join(HERE, "whep_server.py"), *words)
        self.api = first["base"]

    async def sent(self, device: str) -> Sent | None:
        for session in await self.sessions_of(device):
            return Sent(session["pictures"], session["complete"], numbers=list(range(session["pictures"])))
        return None


class Chromium(Peer):
    name = "Chromium"

    def __init__(self, folder: str, program: str):
        super().__init__(folder)
        self.program = program

    async def start(self) -> None:
        first = await self.begin(sys.executable, os.path.join(HERE, "chromium_server.py"), "--chromium", self.program)
        self.api = first["base"]

    async def sent(self, device: str) -> Sent | None:
        for session in await self.sessions_of(device):
            return Sent(len(session["sent"]), session["complete"], slices=session["sent"])
        return None


class OwnSender(Peer):
    """`ringctl simulator`, which plays a film."""
    name = "own sender"

    def __init__(self, folder: str, ringctl: str, film: str, places: int):
        super().__init__(folder)
        self.ringctl, self.film, self.places = ringctl, film, places

    async def start(self) -> None:
        scenario = os.path.join(self.folder, "scenario.json")
        with open(scenario, "w") as file:
            json.dump({"accounts": [{"state": "completed", "devices": [
                {"kind": "doorbell", "name": f"Door {n}"} for n in range(self.places)]}],
                "switches": {"whep_requires_high_profile": False, "whep_history_entries": False}}, file)
        first = await self.begin(
            self.ringctl, "simulator", "--scenario", scenario, "--video", self.film, "--video-rate", str(FPS))
        self.api, self.control = first["api_url"], first["control_url"]
        account = (await asyncio.to_thread(call, self.control + "/state"))["accounts"][0]
        self.devices = [d["id"] for d in account["devices"]]
        tokens = await asyncio.to_thread(call, self.control + "/tokens", {})
        self.token = tokens.get("access_token") or tokens["access"]

    async def prepare(self, seconds: int, network: tuple[int, int] | None) -> None:
        self.seconds = seconds
        loss, jitter = network or (0, 0)
        await asyncio.to_thread(
            call, self.control + "/switches",
            {"whep_video_seconds": seconds, "whep_packet_loss_percent": loss, "whep_packet_jitter_milliseconds": jitter},
            "PATCH")

    def device(self, place: int) -> str:
        return self.devices[place]

    async def sessions(self) -> list[dict]:
        return (await asyncio.to_thread(call, self.control + "/sessions"))["sessions"]

    async def sent(self, device: str) -> Sent | None:
        for session in await self.sessions_of(device):
            count = (session["video"] or {}).get("pictures", 0)
            return Sent(count, count == self.seconds * FPS)
        return None
