#!/usr/bin/env python3
"""A film with a 32-bit number in every picture, and what a recording of it holds.

    film.py make FILE [--size 640x360] [--fps 20] [--pictures 400] [--kbps 1000] [--texture]   H.264, Annex B
    film.py check RECORDING [--ssim]    one JSON line: what was decoded, its numbers, and the lowest SSIM

Needs the packages of requirements.txt; --ssim needs ffmpeg.
"""
from __future__ import annotations

import argparse
import fractions
import json
import re
import subprocess
import sys
import tempfile
import zlib

import av


def rows(width: int, height: int, number: int) -> bytes:
    """Brightness of one picture: the number as black and white blocks, and a bar that moves."""
    block, strip = width // 32, max(16, height // 12)
    head = b"".join((b"\xeb" if number >> (31 - i) & 1 else b"\x10") * block for i in range(32)).ljust(width, b"\x10")
    x = (number * 4) % (width - 32)
    row = b"\x60" * x + b"\xd0" * 32 + b"\x60" * (width - 32 - x)
    return head * strip + row * (height - strip)


def picture_number(frame) -> int | None:
    """The number of a decoded picture; None when it cannot be read."""
    plane = frame.planes[0]
    row, block = memoryview(plane)[plane.line_size * 4:], frame.width // 32
    number = 0
    for i in range(32):
        value = row[i * block + block // 2]
        if 80 < value < 170:
            return None
        number = number << 1 | (value >= 170)
    return number


def make(path: str, width: int, height: int, fps: int, count: int, kbps: int, texture: bool) -> None:
    out = av.open(path, "w", format="h264")
    stream = out.add_stream("libx264", rate=fps)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.options = {
        "preset": "veryfast", "profile": "baseline",
        "x264-params": f"keyint={fps}:min-keyint={fps}:scenecut=0:repeat-headers=1:bitrate={kbps}:vbv-maxrate={kbps}"
                       f":vbv-bufsize={kbps // 4}:nal-hrd=cbr"}
    noise = bytes((i * 2654435761 >> 13) % 64 + 96 for i in range(width * 64)) if texture else b""
    for number in range(count):
        luma = rows(width, height, number)
        if texture:
            strip = max(16, height // 12) * width
            at = number * 977 % (width * 32)
            luma = luma[:strip] + (noise[at:] + noise) * (height // 32 + 1)
            luma = luma[:width * height]
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane, data, w in zip(frame.planes, (luma, b"\x80" * (width * height // 4), b"\x80" * (width * height // 4)),
                                  (width, width // 2, width // 2)):
            if plane.line_size != w:
                data = b"".join(data[i:i + w].ljust(plane.line_size, b"\0") for i in range(0, len(data), w))
            plane.update(data)
        frame.pts, frame.time_base = number, fractions.Fraction(1, fps)
        for packet in stream.encode(frame):
            out.mux(packet)
    for packet in stream.encode(None):
        out.mux(packet)
    out.close()


def luma(frame) -> bytes:
    plane, width = memoryview(frame.planes[0]), frame.width
    size = frame.planes[0].line_size
    return bytes(plane) if size == width else b"".join(
        plane[i * size:i * size + width] for i in range(frame.height))


def crc_of_slices(sample: bytes) -> int | None:
    """CRC-32 of the slices of a picture as MP4 has it, behind lengths of four bytes; None when it has no slice."""
    crc, at, has_slice = 0, 0, False
    while at + 4 < len(sample):
        size = int.from_bytes(sample[at:at + 4], "big")
        if sample[at + 4] & 31 in (1, 5):
            crc, has_slice = zlib.crc32(sample[at + 4:at + 4 + size], crc), True
        at += 4 + size
    return crc if has_slice else None


def check(path: str, ssim: bool) -> dict:
    """What an MP4 file holds: the numbers of its pictures in order, and the CRC-32 of the slices of each."""
    result: dict = dict(decoded=0, unreadable=0, errors=0, missing=0, repeated=0, numbers=[], slices=[])
    numbers, size = result["numbers"], None
    with av.open(path) as recording, tempfile.NamedTemporaryFile() as seen, tempfile.NamedTemporaryFile() as source:
        stream = recording.streams.video[0]
        for packet in recording.demux(stream):
            if packet.size and (crc := crc_of_slices(bytes(packet))) is not None:
                result["slices"].append(crc)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                result["errors"] += 1
                continue
            for frame in frames:
                number, size = picture_number(frame), (frame.width, frame.height)
                result["decoded"] += 1
                if number is None:
                    result["unreadable"] += 1
                    continue
                numbers.append(number)
                if ssim:
                    seen.write(luma(frame))
                    source.write(rows(*size, number))
        for before, number in zip(numbers, numbers[1:]):
            if number > before + 1:
                result["missing"] += number - before - 1
            elif number <= before:
                result["repeated"] += 1
        if ssim and numbers:
            seen.flush(), source.flush()
            form = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "%dx%d" % size]
            text = subprocess.run(
                ["ffmpeg", "-v", "error", *form, "-i", seen.name, *form, "-i", source.name, "-lavfi",
                 "ssim=stats_file=-", "-f", "null", "/dev/null"], capture_output=True, text=True).stdout
            values = [float(v) for v in re.findall(r"All:([0-9.]+)", text)]
            result["ssim_lowest"], result["ssim_mean"] = min(values), round(sum(values) / len(values), 4)
    return result


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("make", "check"))
    p.add_argument("file")
    p.add_argument("--size", default="640x360")
    p.add_argument("--fps", type=int, default=20)
    p.add_argument("--pictures", type=int, default=400)
    p.add_argument("--kbps", type=int, default=1000)
    p.add_argument("--texture", action="store_true", help="noise that uses up the bit rate")
    p.add_argument("--ssim", action="store_true")
    o = p.parse_args()
    if o.what == "make":
        make(o.file, *map(int, o.size.split("x")), o.fps, o.pictures, o.kbps, o.texture)
    else:
        print(json.dumps(check(o.file, o.ssim)))


if __name__ == "__main__":
    sys.exit(main())
