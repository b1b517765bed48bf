#!/usr/bin/env python3
"""Headless Chromium as the camera: a WHEP server whose media come from a browser.

    chromium_server.py [--port N] [--size 640x360] [--fps 20]         first line: {"base": "http://127.0.0.1:PORT"}

The device ids are those of whep_server.py, with `net-LOSS-JITTER` and `stall-SECONDS` as the only faults. The picture is a canvas
with the same 32-bit number as there. GET /__control/sessions tells what the browser sent: a CRC-32 of the slices of each picture that
its encoder handed on, in order. A browser that is short of time leaves pictures out before they are encoded. Needs aiohttp and a
chromium binary.
"""
from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import secrets
import signal
import tempfile

import aiohttp
from aiohttp import web

from relay import through_relay, without_candidates

SESSIONS_PATH = "/v1/devices/{device}/media/streaming/whep/sessions"
PAGE = r"""<script>
const sessions = {};
const table = Array.from({length: 256}, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? n >>> 1 ^ 0xEDB88320 : n >>> 1;
  return n >>> 0;
});
// Of the slices without their start codes: the parameter sets are written again on the way.
function crcOfSlices(bytes) {
  let crc = 0xFFFFFFFF, inSlice = false;
  for (let i = 0; i < bytes.length; i++) {
    if (!bytes[i] && !bytes[i + 1] && (bytes[i + 2] == 1 || !bytes[i + 2] && bytes[i + 3] == 1)) {
      i += bytes[i + 2] == 1 ? 2 : 3;
      const kind = bytes[i + 1] & 31;
      inSlice = kind == 1 || kind == 5;
    } else if (inSlice) crc = crc >>> 8 ^ table[(crc ^ bytes[i]) & 255];
  }
  return (crc ^ 0xFFFFFFFF) >>> 0;
}
function paint(canvas, context, n) {
  const w = canvas.width, h = canvas.height, block = Math.floor(w / 32), strip = Math.max(16, Math.floor(h / 12));
  context.fillStyle = '#606060'; context.fillRect(0, 0, w, h);
  context.fillStyle = '#000'; context.fillRect(0, 0, w, strip);
  context.fillStyle = '#fff';
  for (let i = 0; i < 32; i++) if (n >>> (31 - i) & 1) context.fillRect(i * block, 0, block, strip);
  context.fillStyle = '#d0d0d0'; context.fillRect((n * 4) % (w - 32), strip, 32, h - strip);
}
async function open_(id, offer, width, height, fps, stall) {
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d');
  const track = new MediaStreamTrackGenerator({kind: 'video'}), writer = track.writable.getWriter();
  track.contentHint = 'detail';
  const pc = new RTCPeerConnection({encodedInsertableStreams: true});
  const session = sessions[id] = {pc, sent: [], painted: 0, isComplete: false};
  const paintNext = () => {
    const n = session.painted;
    if (pc.connectionState != 'connected') return;
    if (stall && n >= stall * fps) { clearInterval(session.timer); session.isComplete = true; return; }
    paint(canvas, context, n);
    writer.write(new VideoFrame(canvas, {timestamp: n * 1e6 / fps}));
    session.painted++;
  };
  session.timer = setInterval(paintNext, 1000 / fps);
  await pc.setRemoteDescription({type: 'offer', sdp: offer});
  for (const t of pc.getTransceivers()) {
    if (t.receiver.track.kind != 'video') { t.direction = 'inactive'; continue; }
    await t.sender.replaceTrack(track);
    const encoded = t.sender.createEncodedStreams();
    encoded.readable.pipeThrough(new TransformStream({transform(picture, controller) {
      session.sent.push(crcOfSlices(new Uint8Array(picture.data)));
      controller.enqueue(picture);
    }})).pipeTo(encoded.writable);
    t.direction = 'sendonly';
    t.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs.filter(c => /h264|rtx/i.test(c.mimeType)));
    const p = t.sender.getParameters();
    if (p.encodings.length) { p.encodings[0].maxBitrate = 1500000; p.degradationPreference = 'maintain-resolution';
      await t.sender.setParameters(p).catch(() => {}); }
  }
  await pc.setLocalDescription();
  if (pc.iceGatheringState != 'complete')
    await new Promise(ok => pc.onicegatheringstatechange = () => pc.iceGatheringState == 'complete' && ok());
  return pc.localDescription.sdp;
}
async function stats(id) {
  const s = sessions[id];
  if (!s) return null;
  const r = {state: s.pc.connectionState, sent: s.sent, painted: s.painted, complete: s.isComplete};
  for (const x of (await s.pc.getStats()).values())
    if (x.type == 'outbound-rtp' && x.kind == 'video') Object.assign(r, {frames: x.framesSent, packets: x.packetsSent,
      nack: x.nackCount, pli: x.pliCount, repeated: x.retransmittedPacketsSent});
  return r;
}
async function close_(id) {
  const s = sessions[id]; if (!s) return null;
  const r = await stats(id);
  clearInterval(s.timer); s.pc.close(); delete sessions[id];
  return r;
}
</script>"""


def end_with_parent() -> None:
    """In a new process: it is ended when its parent is killed (PR_SET_PDEATHSIG of Linux)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Browser:
    """One page, spoken to over DevTools."""

    def __init__(self, program: str):
        self.program, self.waiting, self.last = program, {}, 0

    async def start(self, url: str, folder: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run",
            "--disable-background-networking", "--allow-loopback-in-peer-connection",
            "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
            "--disable-features=WebRtcHideLocalIpsWithMdns", f"--user-data-dir={folder}", "--remote-debugging-port=0", url,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, preexec_fn=end_with_parent)
        active = os.path.join(folder, "DevToolsActivePort")
        while not (os.path.exists(active) and open(active).read().split()):
            await asyncio.sleep(0.05)
        port = open(active).read().split()[0]
        self.http = aiohttp.ClientSession()
        tabs = []
        while not tabs:
            async with self.http.get(f"http://127.0.0.1:{port}/json") as r:
                tabs = [t for t in await r.json() if t["url"].startswith(url)]
            await asyncio.sleep(0.05)
        self.socket = await self.http.ws_connect(tabs[0]["webSocketDebuggerUrl"], max_msg_size=0)
        self.reader = asyncio.create_task(self.read())
        while not await self.run("typeof open_ == 'function'"):
            await asyncio.sleep(0.05)

    async def read(self) -> None:
        async for message in self.socket:
            value = message.json()
            if value.get("id") in self.waiting:
                self.waiting.pop(value["id"]).set_result(value)

    async def run(self, text: str):
        self.last += 1
        self.waiting[self.last] = future = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": self.last, "method": "Runtime.evaluate",
                                     "params": {"expression": text, "awaitPromise": True, "returnByValue": True}})
        result = (await future)["result"]
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description"))
        return result["result"].get("value")

    async def stop(self) -> None:
        self.reader.cancel()
        await self.http.close()
        self.process.terminate()
        await self.process.wait()


async def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--token", default="test-token")
    p.add_argument("--size", default="640x360")
    p.add_argument("--fps", type=int, default=20)
    p.add_argument("--chromium", default="chromium")
    o = p.parse_args()
    width, height = map(int, o.size.split("x"))
    browser, relays, ended, running = Browser(o.chromium), {}, [], {}

    def fault(device: str, name: str) -> list[str] | None:
        return next((f.split("-")[1:] for f in device.split("~") if f.startswith(name + "-")), None)

    async def post(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {o.token}":
            return web.json_response({"errors": [{"status": "401", "title": "Invalid Client"}]}, status=401)
        offer, device, session = (await request.read()).decode(), request.match_info["device"], secrets.token_urlsafe(12)
        network = fault(device, "net")
        if network:
            offer = without_candidates(offer)
        stall = float((fault(device, "stall") or ["0"])[0])
        answer = await browser.run(
            f"open_({json.dumps(session)}, {json.dumps(offer)}, {width}, {height}, {o.fps}, {stall})")
        if network:
            answer, relays[session] = await through_relay(answer, float(network[0]) / 100, float(network[1]) / 1000)
        running[session] = device
        return web.Response(status=201, body=answer.encode(), content_type="application/sdp",
                            headers={"Location": f"http://{request.host}{request.path}/{session}"})

    async def delete(request: web.Request) -> web.Response:
        session = request.match_info["session"]
        device = running.pop(session, None)
        stats = await browser.run(f"close_({json.dumps(session)})")
        if session in relays:
            await relays.pop(session).close()
        if stats is None:
            return web.json_response({"errors": [{"status": "404", "title": "Not Found"}]}, status=404)
        ended.append({"id": session, "device": device, "closed_by": "delete", **stats})
        return web.Response(status=200)

    async def sessions(request: web.Request) -> web.Response:
        found = [(s, d, await browser.run(f"stats({json.dumps(s)})")) for s, d in list(running.items())]
        return web.json_response([{"id": s, "device": d, **stats} for s, d, stats in found if stats] + ended)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_post(SESSIONS_PATH, post)
    app.router.add_delete(SESSIONS_PATH + "/{session}", delete)
    app.router.add_get("/__control/sessions", sessions)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", o.port)
    await site.start()
    base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            await browser.start(base + "/", folder)
            print(json.dumps({"base": base}), flush=True)
            end = asyncio.Event()
            # The browser would go on without its parent.
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, end.set)
            await end.wait()
        finally:
            await browser.stop()
            await runner.cleanup()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
