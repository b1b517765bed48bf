"""The calls of two Python clients that others wrote, `ringpartner` and `ringwire`, against the simulator.

What a client offers has to work; what it does not offer is listed at the end. A new release that offers more, or that a
call of the simulator breaks, fails here.
"""

import http.server
import json
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request

import ringpartner
import ringpartner.auth
import ringpartner.webhooks
import ringwire
import ringwire.nonce
import ringwire.webhooks

CLIENT = ("sim-client", "sim-client-secret")
KEY = "c2ltdWxhdG9yLWhtYWMta2V5LW5vdC1zZWNyZXQtMDE="
OFFER = "\r\n".join([
    "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 102", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:EsAw",
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host", "a=fingerprint:sha-256 " + ":".join(["D2"] * 32),
    "a=setup:actpass", "a=mid:0", "a=recvonly", "a=rtcp-mux", "a=rtpmap:102 H264/90000", "a=rtcp-fb:102 nack",
    "a=rtcp-fb:102 nack pli", "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f", ""])


class Simulator:
    """`ringctl simulator`, and its control origin."""

    def __init__(self, ringctl):
        self.process = subprocess.Popen([ringctl, "simulator"], stdout=subprocess.PIPE, text=True)
        self.urls = json.loads(self.process.stdout.readline())
        self.consent = 0  # Media from before the user's consent is refused.

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            self.urls["control_url"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    def device(self, kind):
        devices = [d for account in self.control("GET", "/state")["accounts"] for d in account["devices"]]
        return next(d["id"] for d in devices if d["kind"] == kind)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Receiver:
    """A webhook endpoint that keeps what it receives."""

    def __init__(self):
        received = self.received = []
        self.arrived = threading.Condition()
        arrived = self.arrived

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with arrived:
                    received.append((body, self.headers["X-Signature"]))
                    arrived.notify_all()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"

    def wait(self, count):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, 20), f"{len(self.received)} of {count} webhooks"
            return self.received[:count]


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Checks:
    """The results of one client."""

    def __init__(self, name):
        self.name, self.failures, self.count, self.missing = name, [], 0, []

    def run(self, what, body):
        self.count += 1
        try:
            body()
            print(f"  {self.name}: {what}")
        except Exception:
            self.failures.append(what)
            print(f"  {self.name}: {what}: FAILED", file=sys.stderr)
            traceback.print_exc()

    def lacks(self, what, owner, *names):
        """What the client has no call for. Fails when a later release has one: then it belongs into the checks."""
        present = [name for name in names if hasattr(owner, name)]
        if present:
            self.failures.append(f"{what}: now offered as {', '.join(present)}")
        self.missing.append(what)


def wire(simulator, receiver):
    checks = Checks("ringwire")
    token_url = simulator.urls["oauth_url"] + "/oauth/token"
    state = {}

    def code():
        code = simulator.control("POST", "/code", {})["code"]
        state["pair"] = ringwire.RingClient.exchange_code(code, *CLIENT, token_url=token_url)

    def refresh():
        first = state["pair"].refresh_token
        state["pair"] = ringwire.RingClient.refresh(first, *CLIENT, token_url=token_url)
        check(state["pair"].refresh_token != first, "the refresh token rotates")
        try:
            ringwire.RingClient.refresh(first, *CLIENT, token_url=token_url)
        except Exception:
            pass
        else:
            raise AssertionError("a spent refresh token was accepted")

    def client():
        return ringwire.RingClient(state["pair"].access_token, base_url=simulator.urls["api_url"], max_retries=0)

    def link():
        redirect = simulator.control("POST", "/redirect", {})
        account = client().me().account_id
        found = ringwire.nonce.match_nonce(KEY, redirect["nonce"], int(redirect["time"]), ["other", account])
        check(found == account, "the nonce names the account")
        client().confirm_account_link(redirect["nonce"], "robin@example.org")
        client().update_integration(status="completed")
        state = simulator.control("GET", "/state")
        check(state["accounts"][0]["state"] == "completed", "the integration is completed")
        simulator.consent = state["now"]

    def devices():
        devices = client().list_devices(include=["status", "capabilities", "configurations", "location"])
        check(len(devices) == 7, f"7 devices, not {len(devices)}")
        camera = simulator.device("doorbell")
        check(client().get_device(camera).id == camera, "the device by its id")
        check(client().status(camera).online, "online")
        client().capabilities(camera)
        client().configurations(camera)
        client().location(camera)
        check(client().status(simulator.device("flood_freeze")).flood_faulted is False, "the sensor's state")

    def history():
        events = list(client().iter_event_history(simulator.device("doorbell"), ["motion", "motion.human"]))
        check(len(events) >= 1, "the event that was made")

    def media():
        now = simulator.control("GET", "/state")["now"]
        camera = simulator.device("doorbell")
        image = client().download_image(camera, start_ms=simulator.consent, end_ms=now, width=640, height=360)
        check(image.data[:2] == b"\xff\xd8" and image.media_timestamp_ms, "a JPEG with its moment")
        clip = client().download_clip(
            camera, timestamp_ms=max(simulator.consent, image.media_timestamp_ms - 500), duration_ms=1000, width=640, height=360, frame_rate=12)
        check(clip.data[4:8] == b"ftyp", "an MP4")

    def live():
        session = client().create_whep_session(simulator.device("camera"), OFFER)
        sdp = session.sdp_answer  # The SDP answer.
        check(sdp.startswith("v=0") and session.session_url, "an SDP answer and a session")
        client().close_whep_session(session)

    def chime():
        chime = simulator.device("chime")
        slots = client().configurations(chime).chime_slots
        check(slots, "the chime's slots")
        check(client().play_chime(chime, slots[0].audio_ref), "a status")

    def webhooks():
        body, signature = receiver.wait(1)[0]
        event = ringwire.verify_and_parse(body, signature, KEY)
        check(event.type == "motion_detected", event.type)
        try:
            ringwire.verify_and_parse(body + b" ", signature, KEY)
        except Exception:
            return
        raise AssertionError("a changed body was accepted")

    checks.run("exchanges a code", code)
    checks.run("refreshes, and the old token is spent", refresh)
    checks.run("matches the nonce, links, completes", link)
    checks.run("subscriptions", lambda: client().subscriptions())
    checks.run("devices and their resources", devices)
    simulator.control("POST", "/webhook", {"url": receiver.url})
    simulator.control(
        "POST", "/events", {"type": "motion_detected", "device": simulator.device("doorbell"), "sub_type": "human"})
    checks.run("verifies webhooks", webhooks)
    checks.run("history", history)
    checks.run("stills and clips", media)
    checks.run("live video", live)
    checks.run("chime playback", chime)
    checks.lacks("removing an integration", ringwire.RingClient, "delete_integration", "unlink", "remove_integration")
    checks.lacks("clips as a stream instead of in memory", ringwire.RingClient, "stream_clip", "iter_clip")
    checks.lacks("keeping tokens (each caller stores the rotated pair)", ringwire, "TokenStore", "Store")
    checks.lacks("repeated webhooks", ringwire.webhooks, "Inbox", "deduplicate")
    return checks, state["pair"]


def partner(simulator, receiver, pair):
    checks = Checks("ringpartner")
    # The address of the token endpoint is a constant of the module.
    ringpartner.auth.OAUTH_TOKEN_URL = simulator.urls["oauth_url"] + "/oauth/token"
    provider = ringpartner.auth.RefreshTokenProvider(pair.refresh_token, *CLIENT)
    client = ringpartner.RingClient(provider, base_url=simulator.urls["api_url"], max_retries=0)
    camera = simulator.device("doorbell")

    def devices():
        devices = client.devices()
        check(len(devices) == 7, f"7 devices, not {len(devices)}")
        check(any(d.is_chime for d in devices), "the chime")
        check(client.device(camera).id == camera, "the device by its id")
        check(client.status(camera)["online"], "online")
        client.capabilities(camera)
        client.configurations(camera)
        client.location(camera)

    def history():
        events = list(client.iter_history(camera, ["motion", "motion.human"]))
        check(events and events[0].start, "the event that was made")

    def media():
        now = simulator.control("GET", "/state")["now"]
        image = client.snapshot(camera, between=(simulator.consent, now))
        check(image.content[:2] == b"\xff\xd8" and image.timestamp, "a JPEG with its moment")
        start = max(simulator.consent, int(image.timestamp.timestamp() * 1000) - 500)
        clip = client.video_clip(camera, start, 1000)
        check(clip.content[4:8] == b"ftyp", "an MP4")

    def webhooks():
        body, signature = receiver.wait(1)[0]
        event = ringpartner.verify_and_parse(KEY, body, signature)
        check(event.type == "motion_detected" and event.device_id == camera and event.sub_type == "human", str(event))
        try:
            ringpartner.verify_and_parse(KEY, body, "sha256=" + "0" * 64)
        except ringpartner.InvalidSignature:
            return
        raise AssertionError("a forged signature was accepted")

    checks.run("refreshes, and reads the user", lambda: client.me())
    checks.run("subscriptions", lambda: client.subscriptions())
    checks.run("devices and their resources", devices)
    checks.run("history", history)
    checks.run("stills and clips", media)
    checks.run("verifies webhooks", webhooks)
    checks.run("other paths", lambda: client.raw("GET", "/v1/users/me"))
    checks.lacks("linking: nonce, POST and PATCH app-integrations", ringpartner, "compute_nonce", "match_nonce")
    checks.lacks("another address of the token endpoint", ringpartner.auth.RefreshTokenProvider, "token_url")
    checks.lacks("chime playback", ringpartner.RingClient, "play_chime", "chime")
    checks.lacks("clips as a stream instead of in memory", ringpartner.RingClient, "stream_clip")
    checks.lacks("keeping tokens (a rotated pair ends with the process)", ringpartner.auth, "TokenStore")
    checks.lacks("repeated webhooks", ringpartner.webhooks, "Inbox", "deduplicate")
    client.close()
    return checks


def main():
    simulator, receiver = Simulator(sys.argv[1]), Receiver()
    try:
        first, pair = wire(simulator, receiver)
        results = [first, partner(simulator, receiver, pair)]
        try:
            simulator.control("GET", "/authorization-check")
        except urllib.error.HTTPError:
            print("  an access token reached the media origin")
    finally:
        simulator.stop()
        receiver.server.shutdown()
    failures = [f"{r.name}: {failure}" for r in results for failure in r.failures]
    for result in results:
        print(f"Python clients: {result.name}: {result.count - len(result.failures)} of {result.count} calls work; it has no call for: "
              + "; ".join(result.missing))
    if failures:
        print("Failed: " + "; ".join(failures), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
