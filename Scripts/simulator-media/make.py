"""Writes the prepared media of RingSimulator as Swift source. Called by Scripts/simulator-media.sh."""
import base64
import math
import os
import struct
import subprocess
import sys
import numpy
import draw
import h264
import hevc
import stills

FOLDER = "Sources/RingSimulator/Media/Prepared"
HEAD = "// Made by Scripts/simulator-media.sh; not written by hand.\n\n"
# Width, height, height of the band, pictures a second, quantiser.
VIDEO = [(320, 180, 16, 5, 31), (640, 360, 16, 10, 31), (1280, 720, 32, 5, 33)]
STILLS = [(640, 360, 16), (1280, 720, 32)]
STILLS_A_SECOND = 2
HIGH_EFFICIENCY = (640, 360, 16, 5, 31)
TIME_LENGTH = 23  # 2026-11-18 11:10:05 UTC

# Five columns, seven rows.
GLYPHS = {
    "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010204081F", "3": "1F02040201110E", "4": "02060A121F0202",
    "5": "1F101E0101110E", "6": "0608101E11110E", "7": "1F010204080808", "8": "0E11110E11110E", "9": "0E11110F01020C",
    "-": "0000001F000000", ":": "000C0C000C0C00", " ": "00000000000000", "U": "1111111111110E", "T": "1F040404040404",
    "C": "0E11101010110E",
}


def constant(name, data, comment, kind="String"):
    lines = base64.b64encode(data).decode()
    text = f"    /// {comment}\n    static let {name} = \"\"\"\n"
    text += "".join(f"        {lines[i:i + 104]}\\\n" for i in range(0, len(lines), 104))
    return text + "\n        \"\"\"\n"


def sized(data, form=">H"):
    return struct.pack(form, len(data)) + data


def video(scene, width, height, band, rate, quantiser):
    pictures = list(draw.pictures(scene, width, height, rate))
    sequence, parameters, groups = h264.prepare(pictures, width, height, band, rate, quantiser)
    h264.check(sequence, parameters, groups, width, height, band)
    data = struct.pack(">HHBBBB", width, height, band, rate, len(groups), first_repeated(scene))
    data += sized(sequence) + sized(parameters)
    return data + b"".join(sized(picture) for group in groups for picture in group)


def first_repeated(scene):
    """The group that follows the last one: itself when something stays, the first one otherwise."""
    return 1 + scene[3] // h264.SECONDS if scene[4] else 0


def changes(maps):
    """The first map, and of each further one what differs from its predecessor."""
    data = struct.pack(">H", len(maps))
    for number, tiles in enumerate(maps):
        if number == 0:
            data += struct.pack(f">H{len(tiles)}H", len(tiles), *tiles)
            continue
        differing = [(place, tile) for place, tile in enumerate(tiles) if tile != maps[number - 1][place]]
        data += struct.pack(">H", len(differing)) + b"".join(struct.pack(">HH", *change) for change in differing)
    return data


def glyph(character, size):
    rows = bytes.fromhex(GLYPHS[character])
    picture = numpy.zeros((16, 16, 3), numpy.uint8)
    for y, row in enumerate(rows):
        for x in range(5):
            if row >> (4 - x) & 1:
                picture[1 + 2 * y:3 + 2 * y, 3 + 2 * x:5 + 2 * x] = 255
    return picture.repeat(size // 16, axis=0).repeat(size // 16, axis=1)


def jpeg(scene, width, height, band):
    coder = stills.JPEG(62)
    glyphs = [tile for character in GLYPHS for tile in coder.picture(glyph(character, band))]
    maps = [coder.picture(picture) for picture in draw.pictures(scene, width, height, STILLS_A_SECOND)]
    data = struct.pack(">HHBBB", width, height, band, STILLS_A_SECOND, first_repeated(scene))
    data += sized(coder.head(width, height)) + struct.pack(">H", len(coder.tiles))
    data += b"".join(sized(tile) for tile in coder.tiles)
    return data + struct.pack(f">{len(glyphs)}H", *glyphs) + changes(maps)


def png(scene, width, height, band):
    pictures = list(draw.pictures(scene, width, height, STILLS_A_SECOND))
    colors, lookup = stills.palette(pictures)
    coder = stills.PNG(lookup)
    maps = [coder.picture(picture[band:]) for picture in pictures]
    data = struct.pack(">HHBBB", width, height, band, STILLS_A_SECOND, first_repeated(scene))
    data += sized(colors) + struct.pack(">H", len(coder.strips))
    data += b"".join(struct.pack(">II", checksum, length) + sized(strip) for checksum, length, strip in coder.strips)
    return data + changes(maps)


def high_efficiency(scene, width, height, band, rate, quantiser):
    pictures = draw.pictures(scene, width, height, rate)
    glyphs = [glyph(character, band) for character in GLYPHS]
    black = numpy.zeros((16, width - 16 * TIME_LENGTH, 3), numpy.uint8)
    heads, single, coded = hevc.prepare(pictures, glyphs, black, width, height, band, rate, quantiser)
    count = len(coded) // (h264.SECONDS * rate)
    data = struct.pack(">HHBBBB", width, height, band, rate, count, first_repeated(scene))
    return data + b"".join(sized(part) for part in heads + single + coded)


def sound():
    """Frames of AAC, 16 kHz: wind and two birds in 4.096 s that can be repeated without a gap."""
    count, rate = 65536, 16000
    random = numpy.random.default_rng(1)
    spectrum = numpy.fft.rfft(random.standard_normal(count))
    frequency = numpy.fft.rfftfreq(count, 1 / rate)
    wind = numpy.fft.irfft(spectrum / (1 + (frequency / 180) ** 2))
    samples = wind / abs(wind).max() * 0.12
    for start, pitch in ((0.6, 2600), (0.85, 2900), (1.1, 2600), (2.7, 3400), (2.9, 3200)):
        place = int(start * rate)
        t = numpy.arange(int(0.16 * rate)) / rate
        samples[place:place + len(t)] += 0.2 * numpy.sin(math.pi * t / 0.16) ** 2 * numpy.sin(
            2 * math.pi * (pitch * t + 900 * t * t))
    raw = (numpy.tile(samples, 3) * 32767).astype("<i2").tobytes()
    result = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-", "-c:a", "aac", "-b:a", "24k",
         "-f", "adts", "-"], input=raw, capture_output=True, check=True)
    data, frames = result.stdout, []
    while data:
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        frames.append(data[7:length])
        data = data[length:]
    return b"".join(sized(frame) for frame in frames[64:128])


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for scene in draw.SCENES:
        name = scene[0]
        parts = [f"{HEAD}/// The prepared pictures of the scene “{name}”, in Base64.\nenum {name.capitalize()}Media {{\n"]
        for width, height, band, rate, quantiser in VIDEO:
            parts.append(constant(f"video{width}", video(scene, width, height, band, rate, quantiser),
                                  f"H.264, {width} × {height}, {rate} pictures a second.") + "\n")
        parts.append(constant("hevc640", high_efficiency(scene, *HIGH_EFFICIENCY), "H.265, 640 × 360, 5 pictures a second.") + "\n")
        for width, height, band in STILLS:
            parts.append(constant(f"jpeg{width}", jpeg(scene, width, height, band), f"JPEG, {width} × {height}.") + "\n")
        parts.append(constant("png640", png(scene, *STILLS[0]), "PNG, 640 × 360.") + "}\n")
        with open(f"{FOLDER}/{name.capitalize()}Media.swift", "w") as file:
            file.write("".join(parts))
        print(name, sum(map(len, parts)), file=sys.stderr)
    rows = "".join(f"        \"{character}\": [{', '.join('0x' + data[i:i + 2] for i in range(0, 14, 2))}],\n"
                   for character, data in GLYPHS.items())
    with open(f"{FOLDER}/SharedMedia.swift", "w") as file:
        file.write(f"{HEAD}/// What all scenes share.\nenum SharedMedia {{\n"
                   + constant("sound", sound(), "64 frames of AAC-LC, 16 kHz, one channel, in Base64.")
                   + "\n    /// The characters of the time, in the order of their prepared tiles.\n"
                   f"    static let characters = \"{''.join(GLYPHS)}\"\n\n"
                   "    /// Their rows from top to bottom, five columns each.\n"
                   f"    static let glyphs: [Character: [UInt8]] = [\n{rows}    ]\n}}\n")


main()
