"""Prepares H.265 in the same way as H.264: every picture of a group refers to the first one alone.

Each character of the time is a slice of one block, coded on its own; so is a run of black ones. The simulator writes the
headers of all slices, behind which the coded data begin at a whole byte.
"""
import subprocess
from h264 import Bits, SECONDS, units, with_prevention, without_prevention


def encoded(frames, width, height, quality):
    options = (f"keyint=2:min-keyint=2:scenecut=0:bframes=0:ref=1:no-open-gop=1:qp={quality}:ctu=16:min-cu-size=8:no-sao=1:"
               "no-deblock=1:no-wpp=1:no-weightp=1:no-temporal-mvp=1:info=0:hash=0:aud=0:repeat-headers=1:frame-threads=1:"
               "pools=none:max-tu-size=16:rc-lookahead=1:me=3:merange=16:ipratio=1.1:slices=1:"
               "no-strong-intra-smoothing=1")
    result = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-i", "-",
         "-vf", "scale=out_color_matrix=smpte170m:out_range=tv:flags=accurate_rnd", "-pix_fmt", "yuv420p", "-c:v", "libx265",
         "-preset", "slow", "-x265-params", options, "-f", "hevc", "-"],
        input=b"".join(frames), capture_output=True, check=True)
    found = units(result.stdout)
    kinds = {kind: [unit for unit in found if unit[0] >> 1 & 63 == kind] for kind in (32, 33, 34)}
    return kinds[32][0], kinds[33][0], kinds[34][0], [unit for unit in found if unit[0] >> 1 & 63 < 32]


class Sequence:
    """What is read from sequence parameters, and the same ones for another height."""

    def __init__(self, unit):
        self.bits = bits = Bits(without_prevention(unit[2:]))
        bits.u(4)
        assert bits.u(3) == 0
        bits.u(1)
        bits.u(96)
        assert bits.ue() == 0 and bits.ue() == 1
        self.width = bits.ue()
        self.before = bits.place
        self.height = bits.ue()
        self.after = bits.place
        if bits.u(1):
            for _ in range(4):
                bits.ue()
        self.window_end = bits.place
        assert bits.ue() == 0 and bits.ue() == 0
        self.order_bits = bits.ue() + 4
        if bits.u(1):
            bits.ue(), bits.ue(), bits.ue()
        else:
            bits.ue(), bits.ue(), bits.ue()
        assert bits.ue() + 3 >= 3
        self.block = bits.ue()
        bits.ue(), bits.ue(), bits.ue(), bits.ue()
        assert bits.u(1) == 0, "no scaling lists"
        bits.u(1)
        assert bits.u(1) == 0, "no SAO"
        assert bits.u(1) == 0, "no PCM"
        assert bits.ue() == 0, "reference sets stand in the slices"
        assert bits.u(1) == 0
        assert bits.u(1) == 0, "no temporal prediction of vectors"

    def of_height(self, height, coded):
        out = Bits()
        # Level 4 instead of the encoder's, for the number of slices.
        out.text = self.bits.text[:96] + f"{120:08b}" + self.bits.text[104:self.before]
        out.put_ue(coded)
        surplus = coded - height
        out.put(1 if surplus else 0, 1)
        if surplus:
            for value in (0, 0, 0, surplus // 2):
                out.put_ue(value)
        out.text += self.bits.text[self.window_end:].rstrip("0")[:-1]
        return b"\x42\x01" + with_prevention(out.bytes())


def picture_flags(unit):
    bits = Bits(without_prevention(unit[2:]))
    assert bits.ue() == 0 and bits.ue() == 0
    assert bits.u(1) == 0, "no dependent slices"
    assert bits.u(1) == 0 and bits.u(3) == 0
    bits.u(1)
    flags = {"cabac_init": bits.u(1)}
    assert bits.ue() == 0 and bits.ue() == 0
    bits.se(), bits.u(1), bits.u(1)
    if bits.u(1):
        bits.ue()
    bits.se(), bits.se()
    flags["chroma_offsets"] = bits.u(1)
    assert bits.u(2) == 0, "no weights"
    bits.u(1)
    assert bits.u(2) == 0, "no tiles, no wavefronts"
    flags["across"] = bits.u(1)
    flags["override"] = 0
    flags["off"] = 0
    if bits.u(1):
        flags["override"] = bits.u(1)
        flags["off"] = bits.u(1)
    assert flags["off"] == 1, "no filter"
    return flags


def opened(unit, sequence, flags):
    """The bits of a slice's header behind its references, and the coded data behind the header."""
    kind = unit[0] >> 1 & 63
    raw = without_prevention(unit[2:])
    bits = Bits(raw)
    assert bits.u(1) == 1
    if kind >= 16:
        bits.u(1)
    assert bits.ue() == 0
    slice_type = bits.ue()
    if kind < 19 or kind > 20:
        bits.u(sequence.order_bits)
        assert bits.u(1) == 0
        assert bits.ue() == 1 and bits.ue() == 0 and bits.ue() == 0 and bits.u(1) == 1
    start = bits.place
    if slice_type == 1:
        if bits.u(1):
            bits.ue()
        if flags["cabac_init"]:
            bits.u(1)
        bits.ue()
    bits.se()
    if flags["chroma_offsets"]:
        bits.se(), bits.se()
    if flags["override"]:
        assert bits.u(1) == 0
    end = bits.place
    assert bits.u(1) == 1, "the header ends here"
    assert "1" not in bits.text[bits.place:-(-bits.place // 8) * 8]
    return slice_type, bits.text[start:end], raw[-(-bits.place // 8):]


def prepare(pictures, glyphs, black, width, height, band, rate, quality):
    """Parameters, the profile and the rest of both kinds of headers; the data of characters and of a black run; pictures."""
    body = (height + 15) // 16 * 16 - band
    raw = []
    for picture in pictures:
        lower = picture[band:]
        raw.append(b"".join([lower.tobytes()] + [lower[-1].tobytes()] * (body - len(lower))))
    length = SECONDS * rate
    groups, rests = [], [set(), set()]
    for start in range(0, len(raw), length):
        group = raw[start:start + length]
        frames = [frame for other in group[1:] for frame in (group[0], other)]
        video, sequence_unit, parameters, found = encoded(frames, width, body, quality)
        sequence, flags = Sequence(sequence_unit), picture_flags(parameters)
        parts = [opened(unit, sequence, flags) for unit in found]
        assert len({part[2] for part in parts[0::2]}) == 1, "the first picture is not always the same"
        for slice_type, rest, _ in parts:
            rests[0 if slice_type == 2 else 1].add(rest)
        groups.append([parts[0][2]] + [part[2] for part in parts[1::2]])
    single = []
    for glyph in glyphs + [black]:
        _, _, _, found = encoded([glyph.tobytes()] * 2, glyph.shape[1], glyph.shape[0], quality)
        slice_type, rest, data = opened(found[0], sequence, flags)
        assert slice_type == 2
        rests[0].add(rest)
        single.append(data)
    assert len(rests[0]) == 1 and len(rests[1]) == 1, rests
    coded = (height + 15) // 16 * 16
    assert sequence.order_bits == 8
    unit = sequence.of_height(height, coded)
    heads = [video, unit, parameters, without_prevention(unit[2:])[1:13]]
    heads += [rest.encode() for rest in (rests[0].pop(), rests[1].pop())]
    return (heads, [with_prevention(data) for data in single],
            [with_prevention(data) for group in groups for data in group])
