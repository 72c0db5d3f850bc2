"""Encodes frames with one codec of FFmpeg and decodes them with others, through PyAV, and prints what came of it as JSON.

    foreign_client.py ENCODER DECODER[,DECODER] [FRAMES] [WIDTHxHEIGHT]

ENCODER and DECODER are FFmpeg's names: h264_nvenc, hevc_cuvid, av1_qsv, libdav1d, …
"""
import json
import math
import sys
from fractions import Fraction

import av

encoder_name, decoder_names = sys.argv[1], sys.argv[2].split(",")
count = int(sys.argv[3]) if len(sys.argv) > 3 else 30
width, height = (int(side) for side in (sys.argv[4] if len(sys.argv) > 4 else "320x240").split("x"))


def luma(index):
    """A gradient that moves, with a bright bar that moves the other way."""
    ramp = bytes((x * 200 // width + 16) % 236 for x in range(width * 2))
    rows = [bytearray(ramp[(y + 2 * index) % width:][:width]) for y in range(height)]
    left = (width - 4 * index) % (width - 16)
    for row in rows[height // 4: height // 2]:
        row[left:left + 16] = b"\xe0" * 16
    return rows


def plane_of(plane, rows):
    data = bytearray(plane.line_size * plane.height)
    for y, row in enumerate(rows):
        data[y * plane.line_size:y * plane.line_size + len(row)] = row
    plane.update(bytes(data))


def frame_of(index):
    frame = av.VideoFrame(width, height, "nv12" if "qsv" in encoder_name or "amf" in encoder_name else "yuv420p")
    plane_of(frame.planes[0], luma(index))
    for plane in frame.planes[1:]:
        plane_of(plane, [bytes([128]) * plane.line_size] * plane.height)
    frame.pts = index
    return frame


def psnr(frame, rows):
    plane = frame.planes[0]
    data = bytes(plane)
    error = samples = 0
    for y in range(0, height, 4):
        seen = data[y * plane.line_size:y * plane.line_size + width]
        error += sum((a - b) ** 2 for a, b in zip(seen, rows[y]))
        samples += width
    return 99.0 if error == 0 else 10 * math.log10(255 ** 2 * samples / error)


encoder = av.CodecContext.create(encoder_name, "w")
encoder.width, encoder.height = width, height
encoder.pix_fmt = "nv12" if "qsv" in encoder_name or "amf" in encoder_name else "yuv420p"
encoder.bit_rate = 2_000_000
encoder.framerate = 30
encoder.time_base = Fraction(1, 30)
if "qsv" in encoder_name:
    encoder.options = {"async_depth": "1"}
packets = []
for index in range(count):
    packets += encoder.encode(frame_of(index))
packets += encoder.encode(None)
keys = sum(packet.is_keyframe for packet in packets)

decoded = {}
for name in decoder_names:
    decoder = av.CodecContext.create(name, "r")
    frames = []
    for packet in packets:
        frames += decoder.decode(packet)
    frames += decoder.decode(None)
    values = [psnr(frame, luma(index)) for index, frame in enumerate(frames)]
    sizes = sorted({f"{frame.width}x{frame.height}" for frame in frames})
    decoded[name] = {"frames": len(values), "psnr": min(values, default=0), "sizes": sizes}
    del decoder, frames
# Closed before the driver, which reports what is left open.
del encoder
print(json.dumps({"packets": len(packets), "keys": keys, "decoded": decoded}))
