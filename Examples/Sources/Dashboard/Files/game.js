// A game: move in front of the camera to steer the basket under the falling apples.
import { eachMovement } from "./movement.js";

export const game = {
  id: "game",
  name: "Catch the apples",
  about: "a game steered by movement in the picture",
  create({ width }) {
    let basket = 0.5, wanted = 0.5, apple = null, caught = 0, missed = 0, before = null;
    return {
      frame(frame) {
        let sum = 0;
        const count = eachMovement(frame, (_, x) => { sum += x; });
        // A few pixels are noise, and do not steer.
        if (count > 20) wanted = sum / count / width;
        const seconds = before === null ? 0 : Math.min((frame.time - before) / 1000, 0.5);
        before = frame.time;
        basket += (wanted - basket) * Math.min(1, seconds * 6);
        apple ??= { x: 0.1 + 0.8 * Math.random(), y: 0 };
        apple.y += seconds * 0.35;
        if (apple.y < 0.9) return;
        if (Math.abs(apple.x - basket) < 0.1) caught++; else missed++;
        apple = null;
      },
      text: () => `Catch the apples: ${caught} caught, ${missed} missed, basket at ${(basket * 100).toFixed(0)} %`,
      draw(context, w, h) {
        context.fillStyle = "#93a7ff";
        context.fillRect((basket - 0.1) * w, 0.92 * h, 0.2 * w, 0.05 * h);
        if (!apple) return;
        context.beginPath();
        context.arc(apple.x * w, apple.y * h, 0.03 * h, 0, 2 * Math.PI);
        context.fillStyle = "#ff6b6b";
        context.fill();
      },
    };
  },
};
