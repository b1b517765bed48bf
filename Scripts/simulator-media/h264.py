"""Prepares H.264: groups of two seconds in which every picture refers to the first one alone.

So any picture but the first of a group can be left out or repeated, and any frame rate needs no encoder. The band at the
top, which holds the time, is not in these pictures: it is a slice of its own, which the simulator writes itself.
"""
import subprocess

SECONDS = 2


class Bits:
    def __init__(self, data=b""):
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.place = 0

    def u(self, count):
        self.place += count
        return int(self.text[self.place - count:self.place] or "0", 2)

    def ue(self):
        zeros = 0
        while self.text[self.place] == "0":
            self.place, zeros = self.place + 1, zeros + 1
        return self.u(zeros + 1) - 1

    def se(self):
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)

    def put(self, value, count):
        self.text += f"{value:0{count}b}"

    def put_ue(self, value):
        digits = f"{value + 1:b}"
        self.text += "0" * (len(digits) - 1) + digits

    def put_se(self, value):
        self.put_ue(2 * value - 1 if value > 0 else -2 * value)

    def bytes(self):
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def without_prevention(data):
    return data.replace(b"\0\0\3", b"\0\0")


def with_prevention(data):
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def units(stream):
    """The NAL units of an Annex B stream."""
    parts = stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part.rstrip(b"\0") if number + 1 < len(parts) else part for number, part in enumerate(parts) if part]


def sequence_parameters(width, height):
    bits = Bits()
    for value, count in ((100, 8), (0, 8), (40 if width > 1280 else 31, 8)):
        bits.put(value, count)
    bits.put_ue(0)
    for value in (1, 0, 0):  # 4:2:0, eight bits.
        bits.put_ue(value)
    bits.put(0, 2)
    for value in (0, 0, 4, 1):  # Four bits of frame_num; order counts of eight bits; one reference.
        bits.put_ue(value)
    bits.put(0, 1)
    bits.put_ue(width // 16 - 1)
    bits.put_ue((height + 15) // 16 - 1)
    bits.put(0b11, 2)  # Frames only, direct_8x8_inference.
    surplus = -height % 16
    bits.put(1 if surplus else 0, 1)
    if surplus:
        for value in (0, 0, 0, surplus // 2):
            bits.put_ue(value)
    for value, count in ((0b1001, 4), (5, 3), (0b01, 2), (6, 8), (6, 8), (6, 8), (0, 5), (0b11, 2)):
        bits.put(value, count)  # Of the VUI: the colours of SMPTE 170M, as the stills; no timing; the restriction:
    for value in (0, 0, 11, 11, 0, 1):  # Nothing is reordered.
        bits.put_ue(value)
    return b"\x67" + with_prevention(bits.bytes())


def slices(frames, width, height, quality):
    """x264's picture parameters and slices of pairs: each group's first picture, and one that refers to it alone."""
    options = (f"keyint=2:min-keyint=2:scenecut=0:bframes=0:cabac=0:ref=1:no-deblock=1:weightp=0:8x8dct=1:qp={quality}:"
               "aud=0:threads=1:slices=1:rc-lookahead=0:me=umh:merange=16:subme=9:trellis=2:psy=0:ipratio=1.1")
    result = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-i", "-",
         "-vf", "scale=out_color_matrix=smpte170m:out_range=tv:flags=accurate_rnd", "-pix_fmt", "yuv420p", "-c:v", "libx264",
         "-profile:v", "high", "-preset", "slow", "-x264-params", options, "-bsf:v", "filter_units=remove_types=6",
         "-f", "h264", "-"],
        input=b"".join(frames), capture_output=True, check=True)
    found = units(result.stdout)
    sequence = [unit for unit in found if unit[0] & 31 == 7][0]
    picture = [unit for unit in found if unit[0] & 31 == 8][0]
    return sequence, picture, [unit for unit in found if unit[0] & 31 in (1, 5)]


def sequence_facts(unit):
    bits = Bits(without_prevention(unit[1:]))
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    assert profile == 100 and bits.ue() == 1
    bits.ue(), bits.ue(), bits.u(2)
    number_bits = bits.ue() + 4
    assert (kind := bits.ue()) in (0, 2)
    return number_bits, kind, bits.ue() + 4 if kind == 0 else 0


def picture_facts(unit):
    bits = Bits(without_prevention(unit[1:]))
    assert (bits.ue(), bits.ue(), bits.u(1)) == (0, 0, 0), "CAVLC is needed"
    bits.u(1)
    assert bits.ue() == 0
    assert bits.ue() == 0, "one reference"
    bits.ue()
    assert bits.u(1) == 0, "no weighted prediction"
    bits.u(2)
    bits.se(), bits.se(), bits.se()
    assert bits.u(1) == 1, "slices say whether they are filtered"


def moved(unit, facts, first, order, idr):
    """The same slice at another place of a taller picture, in a group of its own."""
    number_bits, kind, order_bits = facts
    bits = Bits(without_prevention(unit[1:]))
    is_idr = unit[0] & 31 == 5
    assert bits.ue() == 0
    assert bits.ue() % 5 == (2 if is_idr else 0)
    assert bits.ue() == 0
    bits.u(number_bits)
    if is_idr:
        bits.ue()
    if kind == 0:
        bits.u(order_bits)
    if not is_idr:
        assert bits.u(1) == 0 and bits.u(1) == 0
    if unit[0] >> 5:
        assert bits.u(2 if is_idr else 1) == 0
    delta = bits.se()
    assert bits.ue() == 1, "no filter"
    out = Bits()
    out.put_ue(first)
    out.put_ue(2 if is_idr else 0)
    out.put_ue(0)
    out.put(0 if is_idr else 1, 4)
    if is_idr:
        out.put_ue(idr)
    out.put(order, 8)
    out.put(0, 2)  # IDR: no long-term reference. P: the reference as it is.
    out.put_se(delta)
    out.put_ue(1)
    head = len(out.text) // 8
    out.text += bits.text[bits.place:].rstrip("0")[:-1]
    data = with_prevention(out.bytes())
    assert b"\0\0" not in data[:head + 1]
    return (b"\x65" if is_idr else b"\x01") + data


def prepare(pictures, width, height, band, rate, quality):
    """The parameters and the groups of a scene; each picture is the slice below the band."""
    body = (height + 15) // 16 * 16 - band
    raw = []
    for picture in pictures:
        lower = picture[band:]
        rows = [lower.tobytes()] + [lower[-1].tobytes()] * (body - len(lower))
        raw.append(b"".join(rows))
    length = SECONDS * rate
    assert len(raw) % length == 0
    groups, parameters = [], None
    for start in range(0, len(raw), length):
        group = raw[start:start + length]
        frames = [frame for other in group[1:] for frame in (group[0], other)]
        sequence, parameters, found = slices(frames, width, body, quality)
        picture_facts(parameters)
        facts = sequence_facts(sequence)
        firsts = {unit.replace(unit[:8], b"", 1) for unit in found[0::2]}
        first = band // 16 * (width // 16)
        key = moved(found[0], facts, first, 0, 1)
        for unit in found[0::2]:
            assert moved(unit, facts, first, 0, 1) == key, "the first picture is not always the same"
        groups.append([key] + [moved(unit, facts, first, 2, 1) for unit in found[1::2]])
    return sequence_parameters(width, height), parameters, groups


def check(sequence, picture, groups, width, height, band):
    """Decodes the groups below a white and below a black band: what is below must be the same, or something refers into it."""
    lower = []
    for shade in (16, 235):
        stream = b"".join(b"\0\0\0\1" + unit for unit in (sequence, picture))
        for group in groups:
            for number, body in enumerate(group):
                bits = Bits()
                bits.put_ue(0)
                bits.put_ue(0 if number else 2)
                bits.put_ue(0)
                bits.put(1 if number else 0, 4)
                if not number:
                    bits.put_ue(1)
                bits.put(2 * number, 8)
                bits.put(0, 2)
                bits.put_se(0)
                bits.put_ue(1)
                count = band // 16 * (width // 16)
                if number:
                    bits.put_ue(count)
                else:
                    bits.put_ue(25)  # Plain samples, which its neighbours repeat.
                    bits.text += "0" * (-len(bits.text) % 8)
                    for sample in [shade] * 256 + [128] * 128:
                        bits.put(sample, 8)
                    across = width // 16
                    for place in range(1, count):
                        bits.text += "0010011" + ("000011" if place in (1, across) else "1")
                band_slice = (b"\x01" if number else b"\x65") + with_prevention(bits.bytes())
                stream += b"\0\0\0\1" + band_slice + b"\0\0\0\1" + with_order(body, 2 * number, count)
        result = subprocess.run(
            ["ffmpeg", "-loglevel", "warning", "-f", "h264", "-i", "-", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
            input=stream, capture_output=True, check=True)
        assert not result.stderr, result.stderr
        size = width * height
        found = [result.stdout[i:i + size] for i in range(0, len(result.stdout), size)]
        assert len(found) == sum(len(group) for group in groups), len(found)
        assert abs(found[0][0] - (shade - 16) * 255 / 219) < 3, found[0][0]
        lower.append([picture[width * band:] for picture in found])
    assert lower[0] == lower[1], "a picture refers into the band"


def with_order(body, order, first):
    """The slice with another order count, which stands at a fixed place of a slice that is not a first one."""
    if body[0] == 0x65:
        return body
    bits = Bits(body)
    place = 8 + 2 * (first + 1).bit_length() - 1 + 1 + 1 + 4
    text = bits.text[:place] + f"{order:08b}" + bits.text[place + 8:]
    return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
