/// The script of the page. Everything also works without it; it keeps the page current, counts seconds, and offers live video.
enum PageScript {
    static let javascript = """
        "use strict";
        (() => {
          const all = (selector, root = document) => [...root.querySelectorAll(selector)];

          // Parts that change are marked `data-live` and have an id. They are replaced when the server's version differs.
          const shown = new Map();
          const put = (fresh) => {
            for (const part of all("[data-live]")) {
              const next = fresh.getElementById(part.id);
              if (!next || next.innerHTML === shown.get(part.id)) continue;
              if (part.querySelector("input:focus, select:focus, textarea:focus")) continue;
              const opened = new Set(all("details[open][id]", part).map((details) => details.id));
              const focused = part.contains(document.activeElement) ? document.activeElement.dataset.key : null;
              shown.set(part.id, next.innerHTML);
              part.replaceChildren(...next.childNodes);
              for (const details of all("details[id]", part)) if (opened.has(details.id)) details.open = true;
              if (focused) all("[data-key]", part).find((element) => element.dataset.key === focused)?.focus();
            }
            const clock = fresh.getElementById("clock");
            if (clock) setClock(clock.dataset);
            tick();
          };
          const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
          for (const part of all("[data-live]")) shown.set(part.id, part.innerHTML);

          let isLoading = false, isStale = false;
          const refresh = async () => {
            if (isLoading) { isStale = true; return; }
            isLoading = true;
            try {
              const response = await fetch(location.href, { headers: { Accept: "text/html" } });
              if (response.ok) put(parsed(await response.text()));
            } catch { /* The server is gone; the dot says so. */ }
            isLoading = false;
            if (isStale) { isStale = false; refresh(); }
          };

          // One stream while the page is visible: browsers open few connections to an origin.
          const dot = document.getElementById("dot");
          let stream = null;
          const listen = () => {
            if (document.hidden) { stream?.close(); stream = null; return; }
            if (stream) return;
            stream = new EventSource("/ui/changes");
            const state = (isOn, text) => { dot.classList.toggle("on", isOn); dot.title = text; };
            stream.onopen = () => { state(true, "This page is kept current"); };
            stream.onmessage = refresh;
            stream.onerror = () => { state(false, "The simulator does not respond"); };
          };
          if (dot && document.body.dataset.stream !== undefined) {
            document.addEventListener("visibilitychange", listen);
            window.addEventListener("pagehide", () => { stream?.close(); stream = null; });
            window.addEventListener("pageshow", listen);
            listen();
          }

          // Simulated time.
          let base = { now: 0, speed: 1, at: 0 };
          const setClock = (data) => { base = { now: +data.now, speed: +data.speed, at: performance.now() }; };
          const now = () => base.now + (performance.now() - base.at) * base.speed;
          const clock = document.getElementById("clock");
          if (clock) setClock(clock.dataset);
          const tick = () => {
            const text = new Date(now()).toISOString();
            for (const time of all("[data-clock]")) time.textContent = text.slice(0, 10) + " " + text.slice(11, 19) + " UTC";
            for (const rest of all("[data-ends]")) {
              const seconds = Math.ceil((+rest.dataset.ends - now()) / 1000);
              rest.textContent = seconds > 0 ? seconds + " s left" : "ended";
            }
          };
          if (clock) { tick(); setInterval(tick, 500); }

          // Forms that stay on their page are sent without a reload.
          document.addEventListener("submit", async (event) => {
            const form = event.target;
            if (!form.matches("[data-stay]") || form.method !== "post") return;
            event.preventDefault();
            const body = new URLSearchParams(new FormData(form, event.submitter));
            try {
              const response = await fetch(form.action, { method: "POST", body });
              const fresh = parsed(await response.text());
              const notice = fresh.getElementById("notice");
              if (notice) document.getElementById("notice").replaceChildren(...notice.childNodes);
              if (new URL(response.url).pathname === location.pathname) put(fresh); else refresh();
            } catch { form.submit(); }
          });
          for (const field of all("[data-submit]")) field.addEventListener("change", () => field.form.requestSubmit());

          // Live video is negotiated by the browser itself.
          for (const box of all("[data-whep]")) {
            box.hidden = false;
            const button = box.querySelector("button"), status = box.querySelector("[role=status]");
            const view = box.querySelector(".view");
            button.addEventListener("click", async () => {
              button.disabled = true;
              const peer = new RTCPeerConnection();
              const video = Object.assign(document.createElement("video"), {
                muted: true, autoplay: true, playsInline: true, ariaLabel: "Live video" });
              const close = () => { peer.close(); view.hidden = true; view.replaceChildren(); button.disabled = false; };
              let hasPicture = false;
              try {
                peer.addTransceiver("video", { direction: "recvonly" });
                peer.addTransceiver("audio", { direction: "recvonly" });
                peer.addEventListener("track", (event) => {
                  if (event.track.kind !== "video") return;
                  // The first packet has arrived. Browsers play nothing that is hidden.
                  event.track.addEventListener("unmute", () => {
                    video.srcObject = new MediaStream([event.track]);
                    view.replaceChildren(video);
                    view.hidden = false;
                  }, { once: true });
                });
                video.addEventListener("playing", () => {
                  status.textContent = "The picture comes over WebRTC, as from a camera.";
                  status.dataset.state = "playing";
                }, { once: true });
                peer.addEventListener("connectionstatechange", () => {
                  if (!["disconnected", "failed"].includes(peer.connectionState) || peer.signalingState === "closed") return;
                  if (hasPicture) { status.textContent = "The session has ended."; status.dataset.state = "ended"; }
                  close();
                });
                await peer.setLocalDescription(await peer.createOffer());
                await new Promise((done) => {
                  if (peer.iceGatheringState === "complete") return done();
                  peer.addEventListener("icegatheringstatechange", () => { if (peer.iceGatheringState === "complete") done(); });
                  setTimeout(done, 1000);
                });
                const response = await fetch(box.dataset.whep, {
                  method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp });
                const text = await response.text();
                if (!response.ok) throw new Error(response.status + " " + text.slice(0, 300));
                const picture = response.headers.get("X-Simulator-Video");
                hasPicture = picture === "follows";
                await peer.setRemoteDescription({ type: "answer", sdp: text }); // SDP
                status.textContent = "Negotiated: the browser accepted the SDP answer. " + (hasPicture
                  ? "The picture follows." : "The simulator sends no video packets" + (picture ? ": " + picture : ".") );
                status.dataset.state = peer.signalingState;
              } catch (error) {
                status.textContent = "Not negotiated: " + error.message;
                status.dataset.state = "failed";
              }
              if (!hasPicture) setTimeout(close, 2000);
              refresh();
            });
          }
        })();
        """
}
