// Live view: the browser makes an offer (WebRTC), the service passes it to Ring and returns the SDP answer.

const gathered = (peer) => new Promise((done) => {
  if (peer.iceGatheringState === "complete") return done();
  peer.addEventListener("icegatheringstatechange", () => { if (peer.iceGatheringState === "complete") done(); });
  // The server gets one offer with all candidates; without a network to the outside some are never found.
  setTimeout(done, 1500);
});

/** One live session, from the offer to its end. */
export class LiveView {
  /** @param say  shows a state in words; @param ended  is called once, at the end */
  constructor({ url, csrf, say, ended }) {
    Object.assign(this, { url, csrf, say, ended, id: null, isOver: false });
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
  }

  async open() {
    this.peer = new RTCPeerConnection();
    const stream = new MediaStream();
    this.peer.addEventListener("track", ({ track }) => stream.addTrack(track));
    this.peer.addEventListener("connectionstatechange", () => {
      if (this.peer.connectionState === "failed") this.finish("The connection to the camera failed");
    });
    this.peer.addTransceiver("video", { direction: "recvonly" });
    this.peer.addTransceiver("audio", { direction: "recvonly" });
    this.video.srcObject = stream;
    this.say("Opens a live session …");
    try {
      await this.peer.setLocalDescription(await this.peer.createOffer());
      await gathered(this.peer);
      if (this.isOver) return;
      const response = await fetch(this.url, {
        method: "POST", headers: { "Content-Type": "application/sdp", "X-CSRF-Token": this.csrf },
        body: this.peer.localDescription.sdp,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      this.id = response.headers.get("X-Live-View");
      // The page may have closed the view while the session was opened.
      if (this.isOver) { this.tell(); return; }
      this.listen();
      await this.peer.setRemoteDescription({ type: "answer", sdp: text }); // SDP
      this.say("Negotiated; waits for the first picture");
      // Without pictures this promise stays open.
      this.video.play().catch(() => {});
    } catch (error) {
      this.finish(`No live view: ${error.message}`);
    }
  }

  /** The stream tells the time that is left. While it is open, the service knows that this page is there. */
  listen() {
    this.stream = new EventSource(`/live/state?view=${encodeURIComponent(this.id)}`);
    this.stream.addEventListener("left", ({ data }) => this.say(`Live, ${data} s left`));
    this.stream.addEventListener("ended", ({ data }) => this.finish(data, false));
    // Browsers also end the streams of a page that is left, before they say that it is: the service is told in any case.
    this.stream.onerror = () => { if (this.stream.readyState === 2) this.finish("The live view ended"); };
  }

  /** A beacon is sent even when the page goes away. */
  tell() {
    if (this.id) navigator.sendBeacon("/live/close", new URLSearchParams({ view: this.id, csrf: this.csrf }));
  }

  close() { this.finish("Closed"); }

  finish(text, tells = true) {
    if (this.isOver) return;
    this.isOver = true;
    if (tells) this.tell();
    this.stream?.close();
    this.peer.close();
    this.video.srcObject = null;
    this.say(text);
    this.ended();
  }
}
