// Motion by zone: measured by the service, in Swift, on pictures that it receives itself; this page only shows the scores.

/** One measurement, from the request to its end. */
export class Motion {
  /** @param show  takes the scores of a picture; @param say  shows a state in words; @param ended  is called once, at the end */
  constructor({ url, csrf, show, say, ended }) {
    Object.assign(this, { url, csrf, show, say, ended, abort: new AbortController() });
  }

  async open() {
    this.say("Opens a live session …");
    try {
      const response = await fetch(this.url, {
        method: "POST", headers: { "X-CSRF-Token": this.csrf }, signal: this.abort.signal,
      });
      if (!response.ok) throw new Error(await response.text());
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          const { ended, ...scores } = JSON.parse(line);
          if (ended) { this.say(ended); return; }
          this.say("Measuring");
          this.show(scores);
        }
      }
      this.say("The measurement ended");
    } catch (error) {
      this.say(this.abort.signal.aborted ? "Closed" : `Not measured: ${error.message}`);
    } finally {
      this.ended();
    }
  }

  /** The service sees that nobody reads any more, and closes its session. */
  close() { this.abort.abort(); }
}

const percent = (share) => (share === undefined || share === null ? "private" : `${(100 * share).toFixed(1)} %`);

/** The scores in words: of the picture, and of each motion zone. */
export const inWords = ({ picture, zones }) =>
  [`Picture: ${percent(picture)}`, ...(zones ?? []).map((share, index) => `Zone ${index + 1}: ${percent(share)}`)].join(" · ");
