// Where it moved, and how often.
import { eachMovement } from "./movement.js";

export const heatMap = {
  id: "heat",
  name: "Motion heat map",
  about: "where it moved, and how often",
  create({ width, height }) {
    const heat = new Uint32Array(width * height);
    const map = new OffscreenCanvas(width, height), context = map.getContext("2d");
    const image = context.createImageData(width, height);
    let warm = 0, total = 0, highest = 1;
    return {
      frame(frame) {
        total += eachMovement(frame, (index) => {
          if (heat[index]++ === 0) warm++;
          highest = Math.max(highest, heat[index]);
        });
        for (let index = 0; index < heat.length; index++) {
          const level = Math.sqrt(heat[index] / highest);
          image.data[index * 4] = 255;
          image.data[index * 4 + 1] = 210 * (1 - level);
          image.data[index * 4 + 3] = heat[index] ? 70 + 130 * level : 0;
        }
        context.putImageData(image, 0, 0);
      },
      text: () => `Motion heat map: movement in ${((100 * warm) / heat.length).toFixed(1)} % of the picture, ${total} changes`,
      draw: (target, targetWidth, targetHeight) => target.drawImage(map, 0, 0, targetWidth, targetHeight),
    };
  },
};
