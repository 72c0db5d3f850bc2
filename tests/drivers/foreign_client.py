"""Encodes frames with one codec of FFmpeg and decodes them with others, through PyAV, and prints what came of it as JSON.

    foreign_client.py ENCODER DECODER[,DECODER] [FRAMES] [WIDTHxHEIGHT]

ENCODER and DECODER are FFmpeg's names: h264_nvenc, hevc_cuvid, av1_qsv, libdav1d, …
"""
import json
import sys
from fractions import Fraction

import av

from pictures import luma, summary

encoder_name, decoder_names = sys.argv[1], sys.argv[2].split(",")
count = int(sys.argv[3]) if len(sys.argv) > 3 else 30
width, height = (int(side) for side in (sys.argv[4] if len(sys.argv) > 4 else "320x240").split("x"))


def plane_of(plane, rows):
    data = bytearray(plane.line_size * plane.height)
    for y, row in enumerate(rows):
        data[y * plane.line_size:y * plane.line_size + len(row)] = row
    plane.update(bytes(data))


def frame_of(index):
    frame = av.VideoFrame(width, height, "nv12" if "qsv" in encoder_name or "amf" in encoder_name else "yuv420p")
    plane_of(frame.planes[0], luma(width, height, index))
    for plane in frame.planes[1:]:
        plane_of(plane, [bytes([128]) * plane.line_size] * plane.height)
    frame.pts = index
    return frame


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
    decoded[name] = summary(width, height, frames)
    del decoder, frames
# Closed before the driver, which reports what is left open.
del encoder
print(json.dumps({"packets": len(packets), "keys": keys, "decoded": decoded}))
