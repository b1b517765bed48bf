// The processors of the stage. A new one is a module with these members, and a line here:
//
//   id, name, about    texts for the page
//   create({ width, height, covered }) → {
//     frame({ luma, previous, covered, width, height, time })   called about ten times a second: the brightness of each pixel (0…255)
//                      now and before (null at first), 1 for each pixel of a privacy zone, milliseconds
//     text()           the result in words
//     draw?(context, width, height)   paints over the picture
//   }
import { brightness } from "./brightness.js";
import { game } from "./game.js";
import { heatMap } from "./heat.js";

export const processors = [heatMap, brightness, game];
