// What a page does besides what its HTML does.
import { Clip } from "./clip.js";
import { followEvents } from "./events.js";
import { LiveView } from "./live.js";
import { cover, outlineMotion, zonesOf } from "./mask.js";
import { inWords, Motion } from "./motion.js";
import { Stage } from "./stage.js";

const csrf = document.querySelector("meta[name=csrf]")?.content;

// Stills: drawn on a canvas, so that the privacy zones are covered before anybody sees the picture.
const still = async (canvas) => {
  if (canvas.dataset.picture) return;
  canvas.dataset.picture = "loading";
  for (const pause of [0, 2, 4, 8, 16]) {
    await new Promise((done) => setTimeout(done, pause * 1000));
    if (!canvas.isConnected) return;
    const response = await fetch(canvas.dataset.still).catch(() => null);
    if (response?.status === 200) {
      const picture = await createImageBitmap(await response.blob()), zones = zonesOf(canvas);
      [canvas.width, canvas.height] = [picture.width, picture.height];
      const context = canvas.getContext("2d");
      context.drawImage(picture, 0, 0);
      cover(context, zones, picture.width, picture.height);
      if ("outlines" in canvas.dataset) outlineMotion(context, zones, picture.width, picture.height);
      canvas.dataset.picture = "shown";
      return;
    }
    // There is none, and there will be none.
    if (response && response.status === 204) break;
  }
  canvas.dataset.picture = "none";
};
const stills = (root = document) => { for (const canvas of root.querySelectorAll("canvas[data-still]")) still(canvas); };

// Parts that are current are marked `data-current` and have an id.
let waiting = null;
const refresh = () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!response?.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of document.querySelectorAll("[data-current]")) {
      const next = fresh.getElementById(part.id);
      if (!next || part.contains(document.activeElement)) continue;
      part.replaceChildren(...next.childNodes);
      stills(part);
    }
  }, 400);
};

const panel = document.querySelector("[data-after]");
if (panel) followEvents(panel, { arrived: (list) => { stills(list); refresh(); }, changed: refresh });
for (const field of document.querySelectorAll("select[data-submit]")) field.addEventListener("change", () => field.form.requestSubmit());

// The stage of a camera.
const section = document.getElementById("stage");
if (section) {
  const stage = new Stage(section), state = section.querySelector("[data-state]");
  const button = section.querySelector("[data-live]"), sound = section.querySelector("[data-sound]");
  const player = section.querySelector("[data-player]");
  let live = null, clip = null, motion = null;
  const say = (text) => { state.textContent = text; };
  const showClip = (event) => {
    live?.close();
    clip?.close();
    clip = new Clip(player, event, say);
    stage.show(clip.video);
    clip.open();
  };
  const closeLive = () => {
    live?.close();
    live = null;
  };
  button?.addEventListener("click", () => {
    if (live) { closeLive(); return; }
    if (motion) { say("End the measurement first"); return; }
    clip?.close();
    clip = null;
    live = new LiveView({ url: button.dataset.live, csrf, say, ended: () => {
      live = null;
      button.textContent = "Live view";
      sound.hidden = true;
    } });
    button.textContent = "End live view";
    sound.hidden = false;
    sound.textContent = "Sound on";
    stage.show(live.video);
    live.open();
  });
  sound?.addEventListener("click", () => {
    if (!live) return;
    live.video.muted = !live.video.muted;
    sound.textContent = live.video.muted ? "Sound on" : "Sound off";
  });
  // The processor of the service.
  const measure = section.querySelector("[data-motion]"), scores = section.querySelector("[data-motion-scores]");

  measure?.addEventListener("click", () => {
    if (motion) { motion.close(); return; }
    // A camera has one session at a time.
    closeLive();
    motion = new Motion({ url: measure.dataset.motion, csrf,
      say: (text) => { section.querySelector("[data-motion-state]").textContent = text; },
      show: (found) => {
        scores.textContent = inWords(found);
        scores.dataset.pictures = +(scores.dataset.pictures ?? 0) + 1;
      },
      ended: () => {
        motion = null;
        measure.textContent = "Measure motion by zone";
      } });
    measure.textContent = "End the measurement";
    motion.open();
  });
  // A page in the back/forward cache runs no more than a closed one.
  window.addEventListener("pagehide", () => { closeLive(); motion?.close(); });
  if (section.dataset.event) showClip(section.dataset.event);
  else still(section.querySelector("canvas"));
}

stills();
document.documentElement.dataset.ready = "";
