#!/usr/bin/env python3
"""A WHEP test server with the endpoint shape of the Ring Partner API.

Real WebRTC (ICE + DTLS-SRTP + RTP) by aiortc, HTTP by aiohttp, loopback only.

    POST   /v1/devices/{device}/media/streaming/whep/sessions       SDP offer -> 201 + Location + SDP answer
    PATCH  .../whep/sessions/{id}                                   counter-offer answer / trickle ICE
    DELETE .../whep/sessions/{id}                                   close

A device id is '<power>' or '<power>~<fault>~<fault>...', power being 'battery' or 'line', so that a
client library under test can choose its fault without a side channel. `--faults` prints the list.
Control side (no token): GET /__control/sessions, GET /__control/log, POST /__control/reset,
POST /__control/device/{device} {"removed": bool, "online": bool}, POST /__control/token {"token": "..."}.
"""
from __future__ import annotations

import argparse
import asyncio
import datetime
import fractions
import json
import os
import random
import re
import secrets
import time
from email.utils import format_datetime

import aioice.ice
import av
from aiohttp import web
from aiortc import (RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack,
                    AudioStreamTrack)
from aiortc.sdp import SessionDescription, candidate_from_sdp

from film import rows
from relay import through_relay, without_candidates

SESSIONS_PATH = "/v1/devices/{device}/media/streaming/whep/sessions"
FAULTS = """\
HTTP status   <4xx|5xx>[-RETRYAFTER[-COUNT]]   e.g. 503-2-1: the first POST gets 503 + Retry-After: 2
              status-<2xx>   that status instead of 201        406   counter-offer (PATCH the answer)
Location      relative  relseg  noloc  emptyloc  crossloc
Content-Type  charset  ctcase  noct  wrongct
Transport     slow-SECONDS  hang  drop  trunc  redir-<301|302|303|307|308>  redirx  redirloop
Answer SDP    lf  bom  noeol  garbage  empty  extram  rejected  inactive  recvonly  sendrecv  extmapdir
              actpass  nofp  badfp  noufrag  nocand  noeoc  blanks  noconn  nomid  nohead  badbundle  emptyfmtp
              nul (at the end)  nulinside
Headers       icelink  extlink  etag
Media         net-LOSSPERCENT-JITTERMS (a relay between the peers, both directions)  badfp (a fingerprint of another certificate)
              audio  nomedia  noice (no path)  stall-SECONDS  loss-PERCENT (of RTP packets, retransmissions too)
              pause-AT-SECONDS (nothing is sent for a while, then all of it)  nofirst (the first packet is lost)
Session       limit-SECONDS  early-SECONDS  del204  del404  del500  del503  delslow-SECONDS  trickle
"""


# --- media -------------------------------------------------------------------------------------

class CounterTrack(VideoStreamTrack):
    """Moving bar on grey; the top strip carries a 32-bit frame number as black/white blocks."""

    def __init__(self, width: int, height: int, fps: int, stall_after: float | None = None, texture: bool = False):
        super().__init__()
        self.w, self.h, self.fps, self.n, self.stall_after = width, height, fps, 0, stall_after
        self.start: float | None = None
        self.over_at: float | None = None
        # noise from a random place in every frame: makes the encoder spend its whole bit rate, like a camera
        self.noise = (bytes(96 + b % 64 for b in os.urandom(width * height)) * 2) if texture else None
        self.chroma = bytes([110]) * (width // 2 * (height // 2)), bytes([150]) * (width // 2 * (height // 2))

    async def recv(self) -> av.VideoFrame:
        if self.start is None:
            self.start = time.monotonic()
        if self.stall_after is not None and self.n / self.fps >= self.stall_after:
            self.over_at = time.time()
            await asyncio.sleep(3600)
        delay = self.start + self.n / self.fps - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        w, h, n = self.w, self.h, self.n
        luma = rows(w, h, n)
        if self.noise:
            at, strip = random.randrange(h * w), max(16, h // 12)
            luma = luma[:w * strip] + self.noise[at:at + w * (h - strip)]
        frame = av.VideoFrame(w, h, "yuv420p")
        for plane, data, width in zip(frame.planes, (luma, *self.chroma), (w, w // 2, w // 2)):
            if plane.line_size != width:
                data = b"".join(data[i:i + width].ljust(plane.line_size, b"\0")
                                for i in range(0, len(data), width))
            plane.update(data)
        frame.pts, frame.time_base = n * 90000 // self.fps, fractions.Fraction(1, 90000)
        self.n += 1
        return frame


# --- sessions ----------------------------------------------------------------------------------

class Session:
    def __init__(self, device: str, faults: dict[str, list[str]], pc: RTCPeerConnection):
        self.id, self.device, self.faults, self.pc = secrets.token_urlsafe(16), device, faults, pc
        self.etag = '"%s"' % secrets.token_hex(4)
        self.created, self.connected, self.closed, self.why = time.time(), None, None, None
        self.pending = False          # counter-offer sent, answer not yet received
        self.candidates = self.packets = 0
        self.track: CounterTrack | None = None
        self.timer: asyncio.Task | None = None
        self.relay = None

    async def close(self, why: str) -> None:
        if self.closed is None:
            self.closed, self.why = time.time(), why
            if self.timer and self.timer is not asyncio.current_task():
                self.timer.cancel()
            self.packets, pc, self.pc = await self.sent(), self.pc, None      # frees the encoder
            await pc.close()
            if self.relay:
                await self.relay.close()

    async def sent(self) -> int:
        if self.pc is None:
            return self.packets
        return sum(r.packetsSent for r in (await self.pc.getStats()).values() if r.type == "outbound-rtp")

    async def stats(self) -> dict:
        packets = await self.sent()
        return dict(id=self.id, device=self.device, created=self.created, pending=self.pending,
                    connected_after=self.connected and round(self.connected - self.created, 4),
                    state=self.pc.connectionState if self.pc else "closed", packets_sent=packets, candidates=self.candidates,
                    pictures=self.track.n if self.track else 0, complete=bool(self.track and self.track.over_at),
                    over_at=self.track and self.track.over_at,
                    closed_after=self.closed and round(self.closed - self.created, 3), closed_by=self.why)


class Server:
    def __init__(self, opts: argparse.Namespace):
        self.o, self.token = opts, opts.token
        self.sessions: dict[str, Session] = {}
        self.state: dict[str, dict] = {}
        self.hits: dict[str, int] = {}
        self.log: list[dict] = []

    # errors in the JSON:API form of Ring
    def error(self, status: int, title: str, detail: str | None = None, **headers: str) -> web.Response:
        err = {"status": str(status), "title": title}
        if detail:
            err["detail"] = detail
        return web.Response(status=status, content_type="application/json",
                            headers={k.replace("_", "-"): v for k, v in headers.items()},
                            text=json.dumps({"errors": [err]}))

    @staticmethod
    def parse(device: str) -> tuple[str, dict[str, list[str]]]:
        power, *rest = device.split("~")
        return power, {f.split("-")[0]: f.split("-")[1:] for f in rest}

    def guard(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.error(401, "Invalid Client", WWW_Authenticate='Bearer realm="ring"')
        device = request.match_info["device"]
        st = self.state.get(device, {})
        if device.split("~")[0] not in ("battery", "line") or st.get("removed"):
            return self.error(404, "Not Found")
        return None

    async def post(self, request: web.Request) -> web.StreamResponse:
        device = request.match_info["device"]
        power, faults = self.parse(device)
        redirected = request.path.startswith("/edge")
        for code in faults.get("redir", []) if not redirected else []:
            return web.Response(status=int(code), headers={"Location": "/edge" + request.raw_path})
        if "redirx" in faults and not redirected:
            return web.Response(status=307, headers={
                "Location": f"http://127.0.0.1:{self.o.alt_port}/edge{request.raw_path}"})
        if "redirloop" in faults:
            return web.Response(status=307, headers={"Location": request.raw_path})
        bad = self.guard(request)
        if bad:
            return bad
        if self.state.get(device, {}).get("online") is False:
            return self.error(503, "Device Unavailable", "Device is currently offline")
        for name, args in faults.items():
            if re.fullmatch(r"[45]\d\d", name) and name != "406":
                self.hits[device] = self.hits.get(device, 0) + 1
                if len(args) < 2 or self.hits[device] <= int(args[1]):
                    extra = {"Retry_After": args[0]} if args and args[0] else {}
                    if name == "429":
                        extra |= {"X_RateLimit_Limit": "100", "X_RateLimit_Remaining": "0"}
                    return self.error(int(name), f"Injected {name}", "fault from the device id", **extra)
        if "drop" in faults:
            request.transport.abort()
            return web.Response()
        if "hang" in faults:
            await asyncio.sleep(600)
        if "slow" in faults:
            await asyncio.sleep(float(faults["slow"][0]))
        if request.content_type != "application/sdp":
            return self.error(415, "Unsupported Media Type", "application/sdp wanted", Accept_Post="application/sdp")
        offer_text = (await request.read()).decode("utf-8", "replace")
        try:
            offer = SessionDescription.parse(offer_text)
            video = [m for m in offer.media if m.kind == "video"]
            if not offer_text.startswith("v=0") or not video:
                raise ValueError("no video m-section")
            for m in offer.media:
                if m.kind in ("audio", "video") and m.direction != "recvonly":
                    raise ValueError(f"m={m.kind} is {m.direction}; all media must be recvonly")
        except Exception as exc:  # malformed SDP
            return self.error(400, "Bad Request", f"SDP offer: {exc}")
        if self.o.require_candidates and "trickle" not in faults and not any(m.ice_candidates for m in offer.media):
            return self.error(500, "Internal Server Error")      # what partners report for a partial offer
        busy = [s for s in self.sessions.values() if s.device == device and s.closed is None]
        if self.o.one_per_device and busy:
            return self.error(409, "Conflict", "A session is already open for this device", Retry_After="5")

        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        session = Session(device, faults, pc)
        self.sessions[session.id] = session

        @pc.on("connectionstatechange")
        async def changed() -> None:
            if pc.connectionState == "connected" and session.connected is None:
                session.connected = time.time()
            elif pc.connectionState in ("failed", "closed"):
                await session.close("peer-" + pc.connectionState)

        want_audio = any(m.kind == "audio" for m in offer.media) and ("audio" in faults or self.o.audio)
        stall = float(faults["stall"][0]) if "stall" in faults else None
        if "nomedia" in faults:
            stall = 0.0
        track = session.track = CounterTrack(self.o.width, self.o.height, self.o.fps, stall, self.o.texture)
        try:
            if "406" in faults:
                pc.addTransceiver(track, direction="sendonly")
                await pc.setLocalDescription(await pc.createOffer())
                session.pending = True
            else:
                if "net" in faults or "noice" in faults:
                    offer_text = without_candidates(offer_text)
                await pc.setRemoteDescription(RTCSessionDescription(sdp=offer_text, type="offer"))
                for t in pc.getTransceivers():
                    if t.kind == "video" and track is not None:
                        t.sender.replaceTrack(track)
                        t.direction, track = "sendonly", None
                    elif t.kind == "audio" and want_audio:
                        t.sender.replaceTrack(AudioStreamTrack())
                        t.direction, want_audio = "sendonly", False
                    else:
                        t.direction = "inactive"
                await pc.setLocalDescription(await pc.createAnswer())
        except Exception as exc:
            await session.close("bad-offer")
            del self.sessions[session.id]
            return self.error(422, "Unprocessable Content", f"{type(exc).__name__}: {exc}")

        if "loss" in faults:
            self.lossy(pc.getTransceivers()[0].sender.transport, float(faults["loss"][0]) / 100)
        if "nofirst" in faults:
            self.without_first(pc.getTransceivers()[0].sender.transport)
        if "pause" in faults:
            self.pausing(pc.getTransceivers()[0].sender.transport, *map(float, faults["pause"]))
        limit = float(faults["limit"][0]) if "limit" in faults else getattr(self.o, power + "_limit")
        if "early" in faults:
            limit = float(faults["early"][0])
        session.timer = asyncio.create_task(self.expire(session, limit))
        return await self.reply(request, session)

    @staticmethod
    def lossy(transport, share: float) -> None:
        send = transport._send_rtp

        async def maybe(data: bytes) -> None:
            if 64 <= data[1] & 0x7F < 96 or random.random() >= share:      # RTCP always passes
                await send(data)
        transport._send_rtp = maybe

    @staticmethod
    def without_first(transport) -> None:
        send = transport._send_rtp

        async def once(data: bytes) -> None:
            if not 64 <= data[1] & 0x7F < 96:                               # RTCP passes
                transport._send_rtp = send
                return
            await send(data)
        transport._send_rtp = once

    @staticmethod
    def pausing(transport, at: float, seconds: float) -> None:
        send, first, gate = transport._send_rtp, [], asyncio.Event()
        gate.set()

        def pause() -> None:
            gate.clear()
            asyncio.get_running_loop().call_later(seconds, gate.set)

        async def later(data: bytes) -> None:
            if not first:
                first.append(asyncio.get_running_loop().call_later(at, pause))
            await gate.wait()
            await send(data)
        transport._send_rtp = later

    async def expire(self, session: Session, limit: float) -> None:
        await asyncio.sleep(limit)
        await session.close("limit")

    async def reply(self, request: web.Request, s: Session) -> web.StreamResponse:
        f, text = s.faults, s.pc.localDescription.sdp
        if "net" in f:
            text, s.relay = await through_relay(text, float(f["net"][0]) / 100, float(f["net"][1]) / 1000)
        sdp = self.mangle(f, text)
        path = SESSIONS_PATH.format(device=s.device) + "/" + s.id
        location = f"http://{request.host}{path}"
        if "relative" in f:
            location = path
        elif "relseg" in f:
            location = "sessions/" + s.id
        elif "crossloc" in f:
            location = f"http://127.0.0.1:{self.o.alt_port}{path}"
        elif "emptyloc" in f:
            location = ""
        ctype = "application/sdp"
        if "charset" in f:
            ctype = "application/sdp; charset=utf-8"
        elif "ctcase" in f:
            ctype = "Application/SDP"
        elif "wrongct" in f:
            ctype = "text/html"
        status = 406 if s.pending else int(f["status"][0]) if "status" in f else 201
        if s.pending:
            until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)
            ctype = f'application/sdp; valid-until="{format_datetime(until, usegmt=True)}"'
        resp = web.Response(status=status, body=sdp)
        resp.headers["Content-Type"] = ctype
        if "noct" in f:
            resp.headers["Content-Type"] = ""
        if "noloc" not in f:
            resp.headers["Location"] = location
        if "etag" in f or "trickle" in f:
            resp.headers["ETag"] = s.etag
        if "trickle" in f:
            resp.headers["Accept-Patch"] = "application/trickle-ice-sdpfrag"
        if "icelink" in f:
            resp.headers.add("Link", '<stun:stun.example.net>; rel="ice-server"')
            resp.headers.add("Link", '<turn:turn.example.net?transport=udp>; rel="ice-server"; '
                                     'username="user,1"; credential="p;w\\"x"; credential-type="password", '
                                     '<turns:turn.example.net?transport=tcp>; rel=ice-server; username=u; credential=c')
        if "extlink" in f:
            resp.headers.add("Link", f'<{path}/sse>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; '
                                     'events="active,inactive"')
        if "trunc" in f:
            raw = (f"HTTP/1.1 201 Created\r\nContent-Type: {ctype}\r\nLocation: {location}\r\n"
                   f"Content-Length: {len(sdp) + 500}\r\n\r\n").encode() + sdp
            request.transport.write(raw)
            await asyncio.sleep(0.05)
            request.transport.close()
        return resp

    @staticmethod
    def mangle(f: dict[str, list[str]], sdp: str) -> bytes:
        def edit(pattern: str, repl) -> None:
            nonlocal sdp
            sdp = re.sub(pattern, repl, sdp, flags=re.M)

        if "badfp" in f:                                   # of a certificate that the peer does not have
            edit(r"^(a=fingerprint:\S+) (\S)", lambda m: f"{m[1]} {'1' if m[2] == '0' else '0'}")
        if "noice" in f:                                   # candidates nobody listens on
            edit(r"^(a=candidate:\S+ \d+ udp \d+) \S+ \d+", r"\1 127.0.0.1 9")
        if "nocand" in f:
            edit(r"^a=candidate:.*\r\n", "")
        if "nocand" in f or "noeoc" in f:
            edit(r"^a=end-of-candidates\r\n", "")
        if "rejected" in f:
            edit(r"^m=video \d+", "m=video 0")
        for d in ("inactive", "recvonly", "sendrecv"):
            if d in f:
                edit(r"^a=sendonly", "a=" + d)
        if "extmapdir" in f:                               # seen in Ring answers, with a=recvonly / a=sendrecv
            edit(r"^a=extmap:(\d+) ", r"a=extmap:\1/recvonly ")
        if "actpass" in f:
            edit(r"^a=setup:\w+", "a=setup:actpass")
        if "nofp" in f:
            edit(r"^a=fingerprint:.*\r\n", "")
        if "badfp" in f:                                   # the hash of some other certificate
            edit(r"^a=fingerprint:(\S+) ..:..:", r"a=fingerprint:\1 00:11:")
        if "noufrag" in f:
            edit(r"^a=ice-ufrag:.*\r\n", "")
        if "extram" in f:
            sdp += "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:9\r\na=inactive\r\n"
        if "blanks" in f:                                  # as pion writes a=rtcp-fb
            edit(r"^(a=(?:rtpmap|fmtp|rtcp-fb|group):\S+) ", r"\1  ")
            edit(r"^([amct]=.*)\r$", "\\1 \t\r")
        if "noconn" in f:
            edit(r"^c=.*\r\n", "")
        if "nohead" in f:
            edit(r"^[st]=.*\r\n", "")
        if "nomid" in f:
            edit(r"^a=(mid|group):.*\r\n", "")
        if "badbundle" in f:
            edit(r"^a=group:BUNDLE.*", "a=group:BUNDLE 7 0\r")
        if "emptyfmtp" in f:
            edit(r"^a=rtcp-mux\r\n", "a=rtcp-mux\r\na=fmtp:99\r\na=candidate:1 1 udp\r\n")
        if "nul" in f:
            sdp += "\0"
        if "nulinside" in f:
            edit(r"^a=sendonly", "a=tool:x\0y\r\na=sendonly")
        if "lf" in f:
            sdp = sdp.replace("\r\n", "\n")
        if "noeol" in f:
            sdp = sdp.rstrip("\r\n")
        if "garbage" in f:
            sdp = "<html><body>hello</body></html>"
        if "empty" in f:
            sdp = ""
        return (b"\xef\xbb\xbf" if "bom" in f else b"") + sdp.encode()

    async def patch(self, request: web.Request) -> web.Response:
        bad = self.guard(request)
        s = self.sessions.get(request.match_info["session"])
        if bad or s is None or s.closed is not None:
            return bad or self.error(404, "Not Found")
        body = (await request.read()).decode("utf-8", "replace")
        if request.content_type == "application/sdp":
            if not s.pending:
                return self.error(409, "Conflict", "no counter-offer is pending")
            try:
                await s.pc.setRemoteDescription(RTCSessionDescription(sdp=body, type="answer"))
            except Exception as exc:
                return self.error(400, "Bad Request", str(exc))
            s.pending = False
            return web.Response(status=204)
        if request.content_type != "application/trickle-ice-sdpfrag":
            return self.error(415, "Unsupported Media Type", Accept_Patch="application/trickle-ice-sdpfrag")
        if "trickle" not in s.faults:
            return self.error(405, "Method Not Allowed", Allow="DELETE, OPTIONS")
        match = request.headers.get("If-Match")
        if match is None:
            return self.error(428, "Precondition Required")
        if match == "*" or match == '"*"':
            return self.error(422, "Unprocessable Content", "ICE restart is not supported")
        if match != s.etag:
            return self.error(412, "Precondition Failed")
        mid = re.search(r"^a=mid:(\S+)", body, re.M)
        for line in re.findall(r"^a=candidate:(.*?)\r?$", body, re.M):
            cand = candidate_from_sdp(line)
            cand.sdpMid = mid.group(1) if mid else s.pc.getTransceivers()[0].mid
            s.candidates += 1
            if cand.protocol.lower() == "udp":             # others are silently discarded
                await s.pc.addIceCandidate(cand)
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        bad = self.guard(request)
        s = self.sessions.get(request.match_info["session"])
        if bad or s is None or s.closed is not None:
            return bad or self.error(404, "Not Found")
        for code in ("404", "500", "503"):
            if "del" + code in s.faults:
                return self.error(int(code), f"Injected {code}")
        if "delslow" in s.faults:
            await asyncio.sleep(float(s.faults["delslow"][0]))
        await s.close("delete")
        return web.Response(status=204 if "del204" in s.faults else 200)

    async def options(self, request: web.Request) -> web.Response:
        return web.Response(headers={"Accept-Post": "application/sdp"})

    # --- control side
    async def ctl_sessions(self, request: web.Request) -> web.Response:
        return web.json_response([await s.stats() for s in list(self.sessions.values())])

    async def ctl_log(self, request: web.Request) -> web.Response:
        return web.json_response(self.log)

    async def ctl_reset(self, request: web.Request) -> web.Response:
        for s in list(self.sessions.values()):
            await s.close("reset")
        self.sessions.clear(), self.state.clear(), self.hits.clear(), self.log.clear()
        self.token = self.o.token
        return web.Response(status=204)

    async def ctl_device(self, request: web.Request) -> web.Response:
        device = request.match_info["device"]
        self.state.setdefault(device, {}).update(await request.json())
        if self.state[device].get("removed"):
            for s in list(self.sessions.values()):
                if s.device == device:
                    await s.close("device-removed")
        return web.Response(status=204)

    async def ctl_token(self, request: web.Request) -> web.Response:
        self.token = (await request.json())["token"]
        return web.Response(status=204)

    # --- plumbing
    @web.middleware
    async def trace(self, request: web.Request, handler):
        t = time.time()
        entry = None
        if not request.path.startswith("/__control"):      # noted before the answer, so that a cut one counts too
            auth = request.headers.get("Authorization", "")
            entry = dict(t=round(t, 4), ms=None, method=request.method, port=request.url.port, path=request.path,
                         status=None, auth="ok" if auth == f"Bearer {self.token}" else
                         "none" if not auth else "wrong", content_type=request.headers.get("Content-Type"),
                         if_match=request.headers.get("If-Match"))
            self.log.append(entry)
        resp = await handler(request)
        if entry:
            entry.update(ms=round((time.time() - t) * 1000, 1), status=resp.status)
            print(json.dumps(entry), flush=True)
        origin = request.headers.get("Origin")
        if origin and not resp.prepared:
            resp.headers.update({"Access-Control-Allow-Origin": origin,
                                 "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After",
                                 "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
                                 "Access-Control-Allow-Methods": "POST, PATCH, DELETE, OPTIONS"})
        return resp

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.trace])
        for prefix in ("", "/edge"):
            base = prefix + SESSIONS_PATH
            app.router.add_post(base, self.post)
            app.router.add_route("OPTIONS", base, self.options)
            app.router.add_patch(base + "/{session}", self.patch)
            app.router.add_delete(base + "/{session}", self.delete)
            app.router.add_route("OPTIONS", base + "/{session}", self.options)
        app.router.add_get("/__control/sessions", self.ctl_sessions)
        app.router.add_get("/__control/log", self.ctl_log)
        app.router.add_post("/__control/reset", self.ctl_reset)
        app.router.add_post("/__control/device/{device}", self.ctl_device)
        app.router.add_post("/__control/token", self.ctl_token)
        return app


async def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--port", type=int, default=0, help="0: any free port, printed as the first line")
    p.add_argument("--alt-port", type=int, default=0, help="second port = another origin (redirx, crossloc)")
    p.add_argument("--token", default="test-token")
    p.add_argument("--codec", choices=("h264", "vp8", "any"), default="h264")
    p.add_argument("--size", default="640x360")
    p.add_argument("--fps", type=int, default=20)
    p.add_argument("--texture", action="store_true", help="noisy picture that uses up the bit rate")
    p.add_argument("--kbps", type=int, default=1000, help="video bit rate")
    p.add_argument("--battery-limit", type=float, default=30)
    p.add_argument("--line-limit", type=float, default=60)
    p.add_argument("--audio", action="store_true", help="answer m=audio with Opus silence (else port 0/inactive)")
    p.add_argument("--one-per-device", action="store_true")
    p.add_argument("--require-candidates", action="store_true", help="500 for an offer without candidates")
    p.add_argument("--media-address", default="127.0.0.1", help="the only address ICE may use")
    p.add_argument("--faults", action="store_true", help="print the faults and exit")
    o = p.parse_args()
    if o.faults:
        print(FAULTS)
        return
    o.width, o.height = map(int, o.size.split("x"))
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [o.media_address]
    if o.codec != "any":        # answer with one codec only, like a camera does
        import aiortc.codecs as codecs
        drop = {"h264": ("video/VP8",), "vp8": ("video/H264",)}[o.codec]
        codecs.CODECS["video"] = [c for c in codecs.CODECS["video"] if c.mimeType not in drop]
    import aiortc.codecs.h264 as h264
    import aiortc.codecs.vpx as vpx
    for m in (h264, vpx):
        m.DEFAULT_BITRATE = m.MIN_BITRATE = m.MAX_BITRATE = o.kbps * 1000
    server = Server(o)
    runner = web.AppRunner(server.app(), handler_cancellation=True)
    await runner.setup()
    ports = []
    for want in (o.port, o.alt_port):
        site = web.TCPSite(runner, "127.0.0.1", want)
        await site.start()
        ports.append(site._server.sockets[0].getsockname()[1])
    o.port, o.alt_port = ports
    print(json.dumps({"base": f"http://127.0.0.1:{o.port}", "alt": f"http://127.0.0.1:{o.alt_port}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
