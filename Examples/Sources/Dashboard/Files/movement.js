// Where the picture changed between two frames.

/** How much brighter or darker a pixel must become to count; less is noise of the camera and of the compression. */
export const threshold = 22;

/** Calls `visit(index, x, y)` for each pixel that changed, and returns how many there were. */
export const eachMovement = ({ luma, previous, covered, width }, visit) => {
  if (!previous) return 0;
  let count = 0;
  for (let index = 0; index < luma.length; index++) {
    if (covered[index] || Math.abs(luma[index] - previous[index]) < threshold) continue;
    count++;
    visit?.(index, index % width, (index / width) | 0);
  }
  return count;
};
