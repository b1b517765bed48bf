// A recorded clip: loaded by the service first, then played here, where it can be sought.

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Plays a clip with controls of its own, since the canvas of the stage has none. */
export class Clip {
  constructor(player, event, say) {
    Object.assign(this, { player, event, say, isOver: false });
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.preload = "auto";
    this.button = player.querySelector("[data-play]");
    this.seek = player.querySelector("[data-seek]");
    this.time = player.querySelector("[data-time]");
    this.button.onclick = () => (this.video.paused ? this.video.play().catch(() => {}) : this.video.pause());
    this.seek.oninput = () => { this.video.currentTime = +this.seek.value; };
    for (const name of ["play", "pause", "timeupdate", "seeked", "durationchange"]) {
      this.video.addEventListener(name, () => this.update());
    }
    this.video.addEventListener("error", () => { if (!this.isOver) this.say("The clip cannot be played"); });
  }

  /** Asks until the service has the clip: Ring may still be recording it. */
  async open() {
    while (!this.isOver) {
      const response = await fetch(`/clip/state?event=${this.event}`);
      const text = await response.text();
      if (response.status === 200) break;
      this.say(text);
      if (response.status !== 202) return;
      await new Promise((done) => setTimeout(done, 1000));
    }
    if (this.isOver) return;
    this.say("Recorded");
    this.video.src = `/clip?event=${this.event}`;
    this.player.hidden = false;
    this.video.play().catch(() => {});
  }

  update() {
    if (this.isOver) return;
    const { duration, currentTime, paused } = this.video;
    this.button.textContent = paused ? "Play" : "Pause";
    this.seek.max = Number.isFinite(duration) ? duration : 0;
    // A key moves the handle by one step; its own movement must not be undone.
    if (document.activeElement !== this.seek || !this.video.seeking) this.seek.value = currentTime;
    this.time.textContent = `${clock(currentTime)} / ${clock(Number.isFinite(duration) ? duration : 0)}`;
    this.seek.setAttribute("aria-valuetext", this.time.textContent);
    this.player.dataset.position = currentTime.toFixed(2);
  }

  close() {
    this.isOver = true;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.player.hidden = true;
  }
}
