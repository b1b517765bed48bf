#!/usr/bin/env python3
"""`ringctl live record` against real WebRTC peers: what of the video arrives, and what happens when something goes wrong.

    live_tests.py RINGCTL [--short] [--chromium PROGRAM] [--recordings N] [--only PART …] [--peers PEER …]

Peers: aiortc, Chromium, and the sender of this package in `ringctl simulator`. Parts:

    recordings  N recordings of 10 s a peer decode completely, and hold every picture that the peer has sent
    loss        the same with 5 % loss and 50 ms jitter: 99 % of the pictures, no lasting damage (SSIM with the source)
    failures    cap, end by the server, no video, DTLS failure, no path, engine missing: a typed error, one DELETE
    cut         the network is cut, in a namespace of its own
    kill        kill -9 at any moment: the next start closes the session, the file plays up to its last second
    chain       sessions one after the other: one at a time, every gap listed

--short takes ten recordings a peer and 90 s of chain. Exit status 0 when everything came out as it should.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time

import film
from live_failures import Failures
from live_peers import FPS, Aiortc, Chromium, OwnSender, Peer, Sent

SECONDS = 10


class Tests:
    def __init__(self, options: argparse.Namespace, folder: str):
        self.options, self.folder, self.failures, self.store = options, folder, 0, 0
        self.ringctl = os.path.abspath(options.ringctl)

    def check(self, name: str, good: bool, found="", detail: str = "") -> None:
        self.failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {name:<50} {found}" + ("" if good else f"   {detail[-600:]}"), flush=True)

    async def spawn(self, peer: Peer, *words: str, store: str | None = None, **more: str):
        self.store += 1
        store = store or os.path.join(self.folder, f"store-{self.store}.sqlite")
        return await asyncio.create_subprocess_exec(
            self.ringctl, *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "RING_API_URL": peer.api, "RING_ACCESS_TOKEN": peer.token, "RING_STORE": store, **more})

    # --- recordings

    async def record(self, peer: Peer, device: str, number: int) -> dict:
        """One recording, which is stopped as a user stops it when the peer has sent everything."""
        path = os.path.join(self.folder, f"{peer.name}-{number}.mp4".replace(" ", "-"))
        process = await self.spawn(peer, "live", "record", device, "-o", path, "--json")
        reading = asyncio.create_task(process.communicate())
        sent: Sent | None = None
        while not reading.done() and not (sent and sent.is_complete):
            sent = await peer.sent(device) or sent
            await asyncio.wait([reading], timeout=0.25)
        # The recording is half a second behind, to repair losses.
        await asyncio.wait([reading], timeout=2)
        if not reading.done():
            process.send_signal(signal.SIGINT)
        out, err = await reading
        result = {"path": path, "sent": sent, "status": process.returncode, "error": err.decode()[-400:]}
        lines = out.decode().strip().splitlines()
        return result | (json.loads(lines[-1]) if lines else {})

    async def recordings(self, peer: Peer, network: tuple[int, int] | None) -> None:
        count = self.options.recordings
        places = asyncio.Queue()
        for place in range(self.options.parallel):
            places.put_nowait(place)
        await peer.prepare(SECONDS, network)

        async def one(number: int) -> dict:
            place = await places.get()
            try:
                result = await self.record(peer, peer.device(place), number)
            finally:
                places.put_nowait(place)
            if "frames" in result and result["sent"] and result["sent"].is_complete:
                result["seen"] = await asyncio.to_thread(film.check, result["path"], network is not None)
                os.remove(result["path"])
            return result
        results = await asyncio.gather(*(one(n) for n in range(count)))
        name = f"{peer.name}, {f'{network[0]} % loss, {network[1]} ms jitter' if network else 'no loss'}"
        good = [r for r in results if "seen" in r]
        errors = [f"{r['error'].strip()} ({r['sent'].count if r['sent'] else 0} sent)" for r in results if "seen" not in r]
        self.check(f"{name}: recorded", len(good) == count, f"{len(good)} of {count}", "; ".join(errors))
        if not good:
            return
        decoded, sent = sum(r["seen"]["decoded"] for r in good), sum(r["sent"].count for r in good)
        damaged = sum(r["seen"]["errors"] + r["seen"]["unreadable"] + r["seen"]["repeated"] for r in good)
        differs = [r for r in good if r["frames"] != r["seen"]["decoded"]]
        self.check(f"{name}: as many pictures as were reported", not differs, f"{decoded} of {sent} that were sent",
                   str([(r["frames"], r["seen"]["decoded"]) for r in differs[:3]]))
        self.check(f"{name}: no decoder error", damaged == 0, f"{damaged}",
                   str([{k: r["seen"][k] for k in ("errors", "unreadable", "repeated")} for r in good]))
        if network is None:
            lacking = [r for r in good if not r["sent"].is_in(r["seen"])]
            self.check(f"{name}: no picture missing", not lacking, f"in {len(good) - len(lacking)} of {len(good)}",
                       "; ".join(self.difference(r) for r in lacking))
        else:
            self.check(f"{name}: 99 % decode", decoded >= 0.99 * sent, f"{100 * decoded / sent:.2f} %",
                       "; ".join(self.difference(r) for r in good if r["seen"]["decoded"] < r["sent"].count))
            lowest = min(r["seen"].get("ssim_lowest", 0) for r in good)
            mean = sum(r["seen"].get("ssim_mean", 0) for r in good) / len(good)
            self.check(f"{name}: no lasting damage (SSIM)", lowest > 0.9, f"lowest {lowest:.3f}, mean {mean:.3f}")

    @staticmethod
    def difference(result: dict) -> str:
        numbers = result["seen"]["numbers"]
        gaps = [(a, b) for a, b in zip(numbers, numbers[1:]) if b != a + 1]
        return (f"{len(numbers)} of {result['sent'].count} from {numbers[:1]} to {numbers[-1:]}, gaps {gaps}, "
                f"{result['lost_packets']} packets lost")


async def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("ringctl")
    p.add_argument("--short", action="store_true")
    p.add_argument("--chromium", help="a headless Chromium, as a peer")
    p.add_argument("--recordings", type=int)
    p.add_argument("--parallel", type=int, default=5, help="recordings at the same time")
    p.add_argument("--slack", type=float, help="seconds that a failure may take longer; 20 with --short, else 0")
    parts = ("recordings", "loss", "failures", "cut", "kill", "chain")
    p.add_argument("--only", nargs="+", choices=parts, default=parts)
    p.add_argument("--peers", nargs="+", choices=("aiortc", "own", "chromium"), default=("aiortc", "own", "chromium"))
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    o = p.parse_args()
    o.recordings = o.recordings or (10 if o.short else 100)
    o.slack = (20 if o.short else 0) if o.slack is None else o.slack
    has_ffmpeg = shutil.which("ffmpeg") is not None
    if "loss" in o.only and not has_ffmpeg:
        print("SKIPPED: pictures under loss (no ffmpeg here, which compares them with the source)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(o, folder)
        if o.inside:
            await Failures(tests).cut_inside()
            return 1 if tests.failures else 0
        peers: list[Peer] = []
        media = "recordings" in o.only or "loss" in o.only and has_ffmpeg
        if media and "aiortc" in o.peers:
            peers.append(Aiortc(folder))
        if media and "own" in o.peers:
            path = os.path.join(folder, "film.h264")
            await asyncio.to_thread(film.make, path, 640, 360, FPS, 1200, 800, False)
            peers.append(OwnSender(folder, tests.ringctl, path, o.parallel))
        if media and "chromium" in o.peers:
            if o.chromium:
                peers.append(Chromium(folder, o.chromium))
            else:
                print("SKIPPED: Chromium as a peer (no chromium program here)", flush=True)
        for peer in peers:
            began = time.monotonic()
            await peer.start()
            try:
                if "recordings" in o.only:
                    await tests.recordings(peer, None)
                if "loss" in o.only and has_ffmpeg:
                    await tests.recordings(peer, (5, 50))
            finally:
                await peer.stop()
            print(f"     {peer.name}: {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        await Failures(tests).run(o.only)
        print(f"     failures and chains: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{tests.failures} failures" if tests.failures else "everything came out as it should")
    return 1 if tests.failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(asyncio.run(main()))
