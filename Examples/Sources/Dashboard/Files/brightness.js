// How bright the picture is, without its privacy zones.

export const brightness = {
  id: "brightness",
  name: "Brightness",
  about: "the mean, and its last minute as a curve",
  create() {
    const history = [];
    let mean = 0;
    return {
      frame({ luma, covered, time }) {
        let sum = 0, count = 0;
        for (let index = 0; index < luma.length; index++) if (!covered[index]) { sum += luma[index]; count++; }
        mean = count ? sum / count / 2.55 : 0;
        history.push({ time, mean });
        while (history[0].time < time - 60_000) history.shift();
      },
      text: () => `Brightness: ${mean.toFixed(0)} %, ${mean < 15 ? "dark" : mean < 40 ? "dim" : "bright"}`,
      draw(context, width, height) {
        if (history.length < 2) return;
        const last = history.at(-1).time, high = height / 5;
        context.fillStyle = "rgb(16 19 26 / 55%)";
        context.fillRect(0, height - high, width, high);
        context.beginPath();
        for (const { time, mean: value } of history) {
          context.lineTo(width * (1 - (last - time) / 60_000), height - (high * value) / 100);
        }
        context.strokeStyle = "#f1cc77";
        context.lineWidth = Math.max(1.5, width / 400);
        context.stroke();
      },
    };
  },
};
