"""Draws the scenes of the simulator's cameras: flat shapes on a plane of 16 × 9 units, as RGB pictures."""
import math
import numpy

BAND = 0.4  # The height of the band at the top that the time is written into.


class Picture:
    """A picture of any size; shapes are drawn at twice its size and averaged, so that edges are smooth."""

    def __init__(self, width, height, other=None):
        self.width, self.height = width, height
        self.unit = 2 * width / 16
        self.pixels = other.pixels.copy() if other else numpy.zeros((2 * height, 2 * width, 3), numpy.float32)

    def _part(self, left, top, right, bottom):
        left, right = (int(max(0, min(2 * self.width, round(x * self.unit)))) for x in (left, right))
        top, bottom = (int(max(0, min(2 * self.height, round(y * self.unit)))) for y in (top, bottom))
        rows, columns = numpy.mgrid[top:bottom, left:right]
        return self.pixels[top:bottom, left:right], (columns + 0.5) / self.unit, (rows + 0.5) / self.unit

    def box(self, x, y, width, height, color):
        part, _, _ = self._part(x, y, x + width, y + height)
        part[:] = color

    def ellipse(self, x, y, across, down, color):
        part, xs, ys = self._part(x - across, y - down, x + across, y + down)
        part[((xs - x) / across) ** 2 + ((ys - y) / down) ** 2 <= 1] = color

    def shape(self, points, color, opacity=1.0):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        part, px, py = self._part(min(xs), min(ys), max(xs), max(ys))
        inside = numpy.zeros(px.shape, bool)
        for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1]):
            if y1 != y2:
                crosses = ((y1 > py) != (y2 > py)) & (px < (x2 - x1) * (py - y1) / (y2 - y1) + x1)
                inside ^= crosses
        part[inside] = part[inside] * (1 - opacity) + numpy.array(color, numpy.float32) * opacity

    def line(self, x1, y1, x2, y2, width, color):
        length = math.hypot(x2 - x1, y2 - y1) or 1
        dx, dy = (y2 - y1) / length * width / 2, (x1 - x2) / length * width / 2
        self.shape([(x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)], color)

    def rgb(self):
        part, _, _ = self._part(0, 0, 16, BAND)
        part[:] = (0, 0, 0)
        shape = (self.height, 2, self.width, 2, 3)
        return (self.pixels.reshape(shape).mean(axis=(1, 3)) + 0.5).astype(numpy.uint8)


def path(time, *points):
    """The value at a time between points (time, value)."""
    for (t1, v1), (t2, v2) in zip(points, points[1:]):
        if time <= t2:
            part = max(0.0, min(1.0, (time - t1) / (t2 - t1)))
            return v1 + (v2 - v1) * part
    return points[-1][1]


def person(p, x, y, size, coat, time, is_moving, direction=1, stoop=0.0):
    """Somebody whose feet stand at x, y."""
    swing = math.sin(time * 2 * math.pi * 1.25) * 0.28 * size if is_moving else 0.06 * size
    hip, shoulder = y - 0.95 * size, y - (1.75 - 0.5 * stoop) * size
    lean = 0.35 * stoop * size * direction
    for sign in (-1, 1):
        p.line(x, hip, x + sign * swing, y, 0.24 * size, (38, 42, 58))
        p.box(x + sign * swing - 0.14 * size, y - 0.1 * size, 0.34 * size, 0.1 * size, (20, 20, 24))
    p.shape([(x - 0.26 * size, hip), (x + 0.26 * size, hip), (x + lean + 0.3 * size, shoulder),
             (x + lean - 0.3 * size, shoulder)], coat)
    p.line(x + lean, shoulder + 0.1 * size, x + lean + 0.4 * direction * size, shoulder + 0.75 * size, 0.17 * size,
           tuple(c * 0.8 for c in coat))
    p.ellipse(x + 1.3 * lean, shoulder - 0.26 * size, 0.2 * size, 0.25 * size, (214, 168, 132))
    p.shape([(x + 1.3 * lean - 0.23 * size, shoulder - 0.3 * size), (x + 1.3 * lean - 0.18 * size, shoulder - 0.52 * size),
             (x + 1.3 * lean + 0.18 * size, shoulder - 0.52 * size), (x + 1.3 * lean + 0.23 * size, shoulder - 0.3 * size)],
            tuple(c * 0.6 for c in coat))


def parcel(p, x, y, size):
    p.box(x - 0.5 * size, y - 0.7 * size, size, 0.7 * size, (196, 148, 92))
    p.box(x - 0.07 * size, y - 0.7 * size, 0.14 * size, 0.7 * size, (226, 196, 140))


def delivery_ground(p):
    p.box(0, 0, 16, 5.2, (150, 196, 226))
    p.box(0, 3.6, 16, 1.7, (72, 118, 70))
    p.box(0, 5.2, 16, 3.8, (118, 158, 88))
    p.shape([(4.6, 9), (5.4, 5.2), (16, 5.2), (16, 6.2), (9.6, 9)], (178, 172, 162))
    p.box(0, 0, 4.9, 7.2, (206, 190, 166))
    for row in range(2, 14):
        p.box(0, 0.5 * row, 4.9, 0.05, (190, 172, 148))
    p.box(1.2, 2.1, 2.3, 5.1, (236, 230, 220))
    p.box(1.4, 2.3, 1.9, 4.9, (126, 52, 44))
    p.box(1.7, 2.7, 1.3, 1.4, (108, 42, 36))
    p.ellipse(3.0, 5.0, 0.1, 0.1, (232, 200, 96))
    p.box(0, 7.2, 5.6, 1.8, (150, 146, 140))
    p.box(1.3, 7.3, 2.1, 0.5, (84, 74, 62))
    for x, y, r in ((9.0, 3.4, 0.9), (11.2, 3.3, 1.1), (13.7, 3.4, 1.0), (15.6, 3.3, 0.9)):
        p.ellipse(x, y, 1.3 * r, r, (58, 102, 60))


def delivery(p, time):
    if time >= 3.6:
        parcel(p, 4.3, 7.5, 0.9)
    if 0 <= time < 7.4:
        x = path(time, (0, 17.2), (3.0, 5.7), (4.2, 5.7), (7.4, 17.4))
        y = path(time, (0, 6.0), (3.0, 8.1), (4.2, 8.1), (7.4, 6.0))
        size = path(time, (0, 1.3), (3.0, 2.0), (4.2, 2.0), (7.4, 1.3))
        stoop = path(time, (3.0, 0), (3.5, 1), (3.7, 1), (4.2, 0))
        is_moving = time < 3.0 or time > 4.2
        person(p, x, y, size, (122, 78, 40), time, is_moving, -1 if time < 4.2 else 1, stoop)
        if time < 3.6:
            parcel(p, x - (0.5 + 0.4 * stoop) * size, y - (1.0 - 0.6 * stoop) * size, 0.45 * size)


def garden_ground(p):
    p.box(0, 0, 16, 9, (136, 190, 230))
    p.ellipse(13.2, 1.5, 0.6, 0.6, (252, 232, 140))
    for x, y in ((3.2, 1.4), (8.6, 1.1)):
        p.ellipse(x, y, 1.2, 0.35, (244, 246, 250))
        p.ellipse(x + 0.6, y - 0.2, 0.7, 0.35, (244, 246, 250))
    p.box(0, 3.2, 16, 1.9, (172, 128, 84))
    for x in range(0, 32):
        p.box(0.5 * x, 3.2, 0.05, 1.9, (144, 102, 64))
    p.box(0, 5.0, 16, 4, (104, 164, 78))
    p.shape([(6.6, 9), (7.6, 5.0), (8.4, 5.0), (9.8, 9)], (196, 186, 168))
    p.box(2.3, 3.0, 0.5, 3.2, (104, 70, 44))
    p.ellipse(2.55, 2.6, 1.6, 1.5, (56, 122, 60))
    for number, color in enumerate(((214, 70, 80), (240, 190, 70), (200, 90, 170)) * 3):
        p.ellipse(10.6 + 0.6 * number, 5.6 + 0.14 * (number % 2), 0.16, 0.16, color)


def garden(p, time):
    if 0 <= time < 8:
        x = path(time, (0, -0.9), (3.4, 6.6), (4.6, 6.6), (8, 17.0))
        person(p, x, path(time, (0, 7.4), (4, 8.3), (8, 7.2)), 1.75, (46, 92, 160), time, not 3.4 < time < 4.6)


def driveway_ground(p):
    p.box(0, 0, 16, 9, (16, 20, 36))
    for x, y in ((1, 1.1), (3.3, 0.8), (6.4, 1.4), (9.1, 0.9), (11.5, 1.6), (13.8, 0.8), (15.2, 1.9), (8.2, 2.3)):
        p.ellipse(x, y, 0.05, 0.05, (196, 200, 220))
    p.ellipse(13.9, 1.5, 0.45, 0.45, (220, 222, 230))
    p.box(0, 5.4, 16, 3.6, (26, 38, 30))
    p.shape([(1.4, 9), (3.4, 5.6), (16, 6.1), (16, 8.6), (12, 9)], (52, 54, 62))
    p.box(0.4, 2.0, 5.4, 3.8, (54, 50, 58))
    p.shape([(0, 2.1), (3.1, 0.7), (6.2, 2.1)], (36, 32, 42))
    p.box(1.2, 3.1, 3.8, 2.7, (76, 74, 84))
    for row in range(1, 5):
        p.box(1.2, 3.1 + 0.54 * row, 3.8, 0.05, (58, 56, 66))
    p.ellipse(5.4, 3.2, 0.14, 0.14, (255, 220, 150))


def driveway(p, time):
    if time < 0:
        return
    x = path(time, (0, 18.4), (3.6, 8.6), (4.6, 7.6))
    y = path(time, (0, 7.6), (4.6, 7.7))
    if time < 6:
        p.shape([(x - 1.9, y - 0.6), (x - 7.2, y - 1.2), (x - 7.2, y + 0.5), (x - 1.9, y - 0.3)], (232, 222, 170), 0.45)
    p.shape([(x - 2.0, y), (x - 2.0, y - 0.7), (x - 1.3, y - 0.95), (x - 0.6, y - 1.6), (x + 1.1, y - 1.6),
             (x + 1.8, y - 0.9), (x + 2.2, y - 0.8), (x + 2.2, y)], (128, 30, 36))
    p.shape([(x - 0.9, y - 0.95), (x - 0.45, y - 1.45), (x + 0.2, y - 1.45), (x + 0.2, y - 0.95)], (52, 66, 86))
    p.shape([(x + 0.3, y - 0.95), (x + 0.3, y - 1.45), (x + 1.0, y - 1.45), (x + 1.5, y - 0.95)], (52, 66, 86))
    for wheel in (-1.15, 1.3):
        p.ellipse(x + wheel, y, 0.42, 0.42, (14, 14, 16))
        p.ellipse(x + wheel, y, 0.2, 0.2, (120, 122, 126))
    p.ellipse(x - 1.9, y - 0.5, 0.16, 0.14, (255, 246, 196) if time < 6 else (90, 90, 90))
    p.box(x + 2.06, y - 0.62, 0.14, 0.24, (240, 40, 40) if time < 6 else (110, 24, 24))


def fox_ground(p):
    p.box(0, 0, 16, 9, (34, 34, 34))
    p.box(0, 2.4, 16, 2.6, (72, 72, 72))
    for x in range(0, 20):
        p.box(0.8 * x, 2.2, 0.62, 2.7, (88, 88, 88))
    p.box(0, 4.9, 16, 4.1, (112, 112, 112))
    p.ellipse(13.2, 5.2, 1.5, 0.9, (64, 64, 64))
    for x in range(0, 16):
        p.shape([(x + 0.3, 8.6), (x + 0.4, 8.1), (x + 0.5, 8.6)], (140, 140, 140))
    p.box(2.0, 5.4, 1.3, 1.7, (56, 56, 56))
    p.box(1.8, 5.2, 1.7, 0.3, (48, 48, 48))


def fox(p, time):
    if not 0 <= time < 6:
        return
    x = path(time, (0, -1.8), (2.6, 6.4), (3.8, 6.4), (6, 17.8))
    step = math.sin(time * 2 * math.pi * 2) * 0.24 if not 2.6 < time < 3.8 else 0
    y, fur, dark = 7.5, (206, 206, 206), (150, 150, 150)
    for place, sign in ((-0.75, 1), (-0.55, -1), (0.55, 1), (0.75, -1)):
        p.line(x + place, y - 0.7, x + place + sign * step, y, 0.16, dark)
    p.shape([(x - 0.8, y - 1.0), (x - 2.0, y - 1.25), (x - 2.3, y - 1.05), (x - 1.9, y - 0.8), (x - 0.8, y - 0.75)], fur)
    p.ellipse(x, y - 0.85, 1.05, 0.36, fur)
    lift = 0.25 if 2.6 < time < 3.8 else 0
    p.shape([(x + 0.75, y - 1.2 - lift), (x + 0.95, y - 1.75 - lift), (x + 1.1, y - 1.4 - lift), (x + 1.3, y - 1.75 - lift),
             (x + 1.35, y - 1.3 - lift), (x + 1.9, y - 1.0 - lift), (x + 1.2, y - 0.85 - lift)], fur)
    p.ellipse(x + 1.3, y - 1.2 - lift, 0.06, 0.06, (255, 255, 255))


def rain_ground(p):
    p.box(0, 0, 16, 9, (128, 138, 150))
    p.box(0, 3.4, 16, 2.0, (86, 106, 96))
    p.box(9.6, 1.9, 4.8, 3.6, (120, 104, 98))
    p.shape([(9.2, 2.0), (12, 0.9), (14.8, 2.0)], (84, 70, 70))
    for x in (10.2, 12.4):
        p.box(x, 2.7, 1.3, 1.2, (232, 210, 150))
    p.box(0, 5.3, 16, 3.7, (96, 100, 106))
    p.box(0, 6.9, 16, 0.12, (168, 170, 172))
    p.ellipse(4.4, 8.0, 2.3, 0.4, (122, 132, 144))
    p.ellipse(11.8, 7.7, 1.7, 0.28, (122, 132, 144))


def rain(p, time):
    phase = time % 2
    for drop in range(26):
        x = (drop * 5.37) % 16
        y = (drop * 1.731 + phase * 4.0) % 6.4 + 2.1
        p.line(x, y, x - 0.08, y + 0.45, 0.06, (206, 214, 224))
    for number, (x, y) in enumerate(((3.4, 8.0), (5.4, 8.1), (11.9, 7.7))):
        age = (phase + 0.37 * number) % 1
        p.ellipse(x, y, 0.1 + 0.6 * age, 0.02 + 0.1 * age, (150, 160, 170))


# The name, the ground, what moves on it, the seconds of the action, and whether what it left behind stays. Every scene
# begins with two seconds before the action; it is repeated when nothing stays.
SCENES = [
    ("delivery", delivery_ground, delivery, 8, True),
    ("garden", garden_ground, garden, 8, False),
    ("driveway", driveway_ground, driveway, 6, True),
    ("fox", fox_ground, fox, 6, False),
    ("rain", rain_ground, rain, 0, False),
]


def pictures(scene, width, height, rate):
    """The scene's pictures: two seconds before the action, the action, and two seconds of what stays."""
    _, ground, moving, seconds, stays = scene
    still = Picture(width, height)
    ground(still)
    for number in range(-2 * rate, (seconds + (2 if stays else 0)) * rate):
        picture = Picture(width, height, still)
        moving(picture, number / rate)
        yield picture.rgb()
