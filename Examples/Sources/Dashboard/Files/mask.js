// Privacy zones: covered before a picture is shown or analysed.

/** The zones of a camera from a `data-zones` attribute: `{ privacy: [[[x, y], …]] | "all", motion: [[[x, y], …]] }`, as fractions. */
export const zonesOf = (element) => JSON.parse(element.dataset.zones || "{}");

const outline = (context, zone, width, height) => {
  context.beginPath();
  zone.forEach(([x, y], index) => (index ? context.lineTo(x * width, y * height) : context.moveTo(x * width, y * height)));
  context.closePath();
};

/** Paints over the privacy zones. Where they are not known, everything is one. */
export const cover = (context, zones, width, height) => {
  context.fillStyle = "#10131a";
  if (zones.privacy === "all") { context.fillRect(0, 0, width, height); return; }
  for (const zone of zones.privacy || []) {
    outline(context, zone, width, height);
    context.fill();
    // One pixel more: corners are rounded to pixels, and nothing of the zone may be left at its edge.
    context.lineWidth = 2;
    context.strokeStyle = "#10131a";
    context.stroke();
  }
};

/** Draws the outlines of the motion zones. */
export const outlineMotion = (context, zones, width, height) => {
  context.lineWidth = Math.max(1.5, width / 400);
  context.strokeStyle = "#7fa6ff";
  for (const zone of zones.motion || []) { outline(context, zone, width, height); context.stroke(); }
};

/** A byte for each pixel: 1 where a privacy zone covers it. */
export const coveredPixels = (zones, width, height) => {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  cover(context, zones, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: width * height }, (_, index) => (data[index * 4] < 255 ? 1 : 0));
};
