// The stage: what a camera shows, live or recorded, on a canvas. The video itself is on no page.
import { cover, coveredPixels, outlineMotion, zonesOf } from "./mask.js";
import { processors } from "./processors.js";

const width = 160, height = 90;

/** Shows a video on a canvas, covers the privacy zones, and passes what is left to the processors. */
export class Stage {
  constructor(section) {
    this.zones = zonesOf(section);
    this.canvas = section.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.results = section.querySelector("[data-results]");
    this.running = new Map();
    this.small = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    this.covered = coveredPixels(this.zones, width, height);
    this.video = null;
    this.frames = 0;
    this.offer(section.querySelector("[data-processors]"));
    this.zoneBox = section.querySelector("[data-show-zones]");
    this.zoneBox?.addEventListener("change", () => this.paint());
  }

  /** The choice of processors. */
  offer(list) {
    for (const processor of processors) {
      const label = document.createElement("label"), box = document.createElement("input"), text = document.createElement("span");
      label.className = "check";
      box.type = "checkbox";
      box.id = `processor-${processor.id}`;
      text.textContent = processor.name;
      const about = document.createElement("small");
      about.textContent = ` ${processor.about}`;
      text.append(about);
      label.append(box, text);
      list.append(label);
      box.addEventListener("change", () => (box.checked ? this.start(processor) : this.stop(processor)));
    }
  }

  start(processor) {
    const output = document.createElement("output");
    output.dataset.processor = processor.id;
    output.textContent = `${processor.name}: waits for a picture`;
    this.results.append(output);
    this.running.set(processor.id, { worker: processor.create({ width, height, covered: this.covered }), output });
    this.paint();
  }

  stop(processor) {
    this.running.get(processor.id)?.output.remove();
    this.running.delete(processor.id);
    this.paint();
  }

  /** Shows another video from now on, or none. */
  show(video) {
    this.video = video;
    this.previous = null;
    this.analysed = 0;
    if (!video) return;
    const next = () => {
      if (this.video !== video) return;
      this.frame(video);
      wait();
    };
    const wait = () => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(next) : requestAnimationFrame(next));
    wait();
  }

  /** One frame: covered first, then analysed, then drawn over. */
  frame(video) {
    if (video.readyState < 2 || !video.videoWidth) return;
    if (this.canvas.width !== video.videoWidth || this.canvas.height !== video.videoHeight) {
      this.canvas.width = video.videoWidth;
      this.canvas.height = video.videoHeight;
    }
    this.canvas.dataset.frames = ++this.frames;
    this.analyse(video);
    this.paint();
  }

  analyse(video) {
    const now = performance.now();
    if (now - this.analysed < 80 || this.running.size === 0) return;
    this.analysed = now;
    this.small.drawImage(video, 0, 0, width, height);
    cover(this.small, this.zones, width, height);
    const { data } = this.small.getImageData(0, 0, width, height);
    const luma = new Uint8Array(width * height);
    for (let index = 0; index < luma.length; index++) {
      luma[index] = (data[index * 4] * 77 + data[index * 4 + 1] * 150 + data[index * 4 + 2] * 29) >> 8;
    }
    const frame = { width, height, luma, previous: this.previous, covered: this.covered, time: now };
    for (const { worker, output } of this.running.values()) {
      worker.frame(frame);
      output.textContent = worker.text();
    }
    this.previous = luma;
  }

  paint() {
    const { canvas, context } = this;
    if (!this.video) return;
    context.drawImage(this.video, 0, 0, canvas.width, canvas.height);
    cover(context, this.zones, canvas.width, canvas.height);
    for (const { worker } of this.running.values()) worker.draw?.(context, canvas.width, canvas.height);
    if (this.zoneBox?.checked) outlineMotion(context, this.zones, canvas.width, canvas.height);
  }
}
