"""Prepares stills: JPEG in restart intervals of one tile each, PNG in strips that can be put together."""
import struct
import zlib
import numpy

# ITU-T T.81, K.1 and K.3 to K.6.
LUMINANCE = [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
             51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
             120, 101, 72, 92, 95, 98, 112, 100, 103, 99]
CHROMINANCE = [17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
               99, 99, 99, 99, 99] + [99] * 32
DC_COUNTS = [[0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]]
AC_COUNTS = [[0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119]]
AC_VALUES = [bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43"
    "4445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2"
    "b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"), bytes.fromhex(
    "0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
    "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa".replace(" ", ""))]
DC_VALUES = bytes(range(12))


def zigzag():
    order = sorted(((x, y) for x in range(8) for y in range(8)),
                   key=lambda p: (p[0] + p[1], p[1] if (p[0] + p[1]) % 2 else p[0]))
    return [8 * y + x for x, y in order]


ZIGZAG = zigzag()
COSINES = numpy.array([[(0.125 ** 0.5 if u == 0 else 0.5) * numpy.cos((2 * x + 1) * u * numpy.pi / 16) for x in range(8)]
                       for u in range(8)])


def codes(counts, values):
    table, code, place = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            table[values[place]] = f"{code:0{length}b}"
            code, place = code + 1, place + 1
        code <<= 1
    return table


DC = [codes(counts, DC_VALUES) for counts in DC_COUNTS]
AC = [codes(counts, values) for counts, values in zip(AC_COUNTS, AC_VALUES)]


class JPEG:
    """Tiles of 16 × 16 pixels, each coded alone; a picture is a list of their numbers."""

    def __init__(self, quality=60):
        scale = 200 - 2 * quality if quality >= 50 else 5000 // quality
        self.tables = [[max(1, min(255, (value * scale + 50) // 100)) for value in table]
                       for table in (LUMINANCE, CHROMINANCE)]
        self.numbers, self.tiles, self.coded = {}, [], {}

    def head(self, width, height):
        """Everything before the tiles."""
        def segment(marker, data):
            return bytes([255, marker]) + struct.pack(">H", len(data) + 2) + data
        head = b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        for number, table in enumerate(self.tables):
            head += segment(0xDB, bytes([number]) + bytes(table[place] for place in ZIGZAG))
        head += segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]))
        for number in (0, 1):
            head += segment(0xC4, bytes([number, *DC_COUNTS[number]]) + DC_VALUES)
            head += segment(0xC4, bytes([16 + number, *AC_COUNTS[number]]) + AC_VALUES[number])
        return head + segment(0xDD, b"\0\1") + segment(0xDA, bytes([3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]))

    def block(self, samples, table, previous):
        levels = numpy.rint((COSINES @ (samples - 128.0) @ COSINES.T).reshape(64)
                            / numpy.array(self.tables[table])).astype(int)
        levels = [int(levels[place]) for place in ZIGZAG]
        difference = levels[0] - previous
        size = abs(difference).bit_length()
        text = DC[table][size] + (f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}" if size else "")
        zeros = 0
        last = max((place for place in range(1, 64) if levels[place]), default=0)
        for level in levels[1:last + 1]:
            if level == 0:
                zeros += 1
                continue
            while zeros > 15:
                text, zeros = text + AC[table][0xF0], zeros - 16
            size = abs(level).bit_length()
            text += AC[table][zeros << 4 | size] + f"{level if level > 0 else level + (1 << size) - 1:0{size}b}"
            zeros = 0
        return text + (AC[table][0] if last < 63 else ""), levels[0]

    def tile(self, rgb):
        key = rgb.tobytes()
        if key in self.coded:
            return self.coded[key]
        r, g, b = (rgb[:, :, i].astype(float) for i in range(3))
        y = 0.299 * r + 0.587 * g + 0.114 * b
        planes = [(b - y) / 1.772 + 128, (r - y) / 1.402 + 128]
        text, previous = "", 0
        for top in (0, 8):
            for left in (0, 8):
                part, previous = self.block(y[top:top + 8, left:left + 8], 0, previous)
                text += part
        for plane in planes:
            text += self.block(plane.reshape(8, 2, 8, 2).mean(axis=(1, 3)), 1, 0)[0]
        text += "1" * (-len(text) % 8)
        data = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\0")
        if data not in self.numbers:
            self.numbers[data] = len(self.tiles)
            self.tiles.append(data)
        self.coded[key] = self.numbers[data]
        return self.coded[key]

    def picture(self, rgb):
        surplus = -rgb.shape[0] % 16
        if surplus:
            rgb = numpy.concatenate([rgb, numpy.repeat(rgb[-1:], surplus, axis=0)])
        return [self.tile(rgb[top:top + 16, left:left + 16])
                for top in range(0, rgb.shape[0], 16) for left in range(0, rgb.shape[1], 16)]


def palette(pictures):
    """Up to 254 colours that come nearest to those of the pictures, behind black and white."""
    seen = {}
    for picture in pictures:
        values, counts = numpy.unique((picture.reshape(-1, 3) >> 3).astype(numpy.uint32) @ [1024, 32, 1], return_counts=True)
        for value, count in zip(values, counts):
            seen[int(value)] = seen.get(int(value), 0) + int(count)
    chosen = sorted(seen, key=seen.get, reverse=True)[:254]
    colors = numpy.array([[(v >> shift & 31) * 255 // 31 for shift in (10, 5, 0)] for v in chosen])
    lookup = numpy.zeros(32768, numpy.uint8)
    for value in seen:
        color = numpy.array([(value >> shift & 31) * 255 // 31 for shift in (10, 5, 0)])
        lookup[value] = 2 + int(((colors - color) ** 2).sum(axis=1).argmin())
    return numpy.concatenate([[[0, 0, 0], [255, 255, 255]], colors]).astype(numpy.uint8).tobytes(), lookup


class PNG:
    """Strips of 16 rows, each packed so that it can follow any other; a picture is a list of their numbers."""

    def __init__(self, lookup):
        self.lookup, self.numbers, self.strips = lookup, {}, []

    def picture(self, rgb):
        colors = self.lookup[(rgb >> 3).astype(numpy.uint32) @ [1024, 32, 1]]
        numbers = []
        for top in range(0, len(colors), 16):
            raw = b"".join(b"\0" + row.tobytes() for row in colors[top:top + 16])
            if raw not in self.numbers:
                packer = zlib.compressobj(9, zlib.DEFLATED, -15)
                data = packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
                self.numbers[raw] = len(self.strips)
                self.strips.append((zlib.adler32(raw, 1), len(raw), data))
            numbers.append(self.numbers[raw])
        return numbers
