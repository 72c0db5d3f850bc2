"""Has a stand-in fail in each way it can, while FFmpeg encodes on it through PyAV, and prints what came of it as JSON.

    failing_client.py LIBRARY ENCODER DECODER FIRST LAST [decoding]

Each call of the driver from FIRST to LAST fails once; those of encoding do not with `decoding`.
"""
import ctypes
import gc
import json
import sys
from fractions import Fraction

import av

library, encoder_name, decoder_name = sys.argv[1:4]
first, last = int(sys.argv[4]), int(sys.argv[5])
only_decodes = sys.argv[6:] == ["decoding"]
av.logging.set_level(None)
standin = ctypes.CDLL(library)
standin.standin_get.restype = ctypes.c_int64
standin.standin_set.argtypes = [ctypes.c_char_p, ctypes.c_int64]


def setting(name, value):
    assert standin.standin_set(name.encode(), value) == 0, name


def count(name):
    return standin.standin_get(name.encode())


def opened():
    encoder = av.CodecContext.create(encoder_name, "w")
    encoder.width, encoder.height = 160, 96
    encoder.pix_fmt = "nv12"
    encoder.bit_rate = 500_000
    encoder.framerate = 30
    encoder.time_base = Fraction(1, 30)
    encoder.open()
    return encoder


def packets(frames=3):
    """Encodes some frames."""
    encoder = opened()
    for index in range(frames):
        frame = av.VideoFrame(160, 96, "nv12")
        for plane in frame.planes:
            plane.update(bytes([100 + index]) * plane.buffer_size)
        frame.pts = index
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def code():
    """Decodes some frames, and encodes them at that; the number of pictures."""
    decoder = av.CodecContext.create(decoder_name, "r")
    pictures = 0
    for packet in encoded or packets():
        pictures += len(decoder.decode(packet))
    return pictures + len(decoder.decode(None))


def attempt(work=code):
    """Runs it; what came of it, and what is left open."""
    try:
        came = work()
    except (av.FFmpegError, OSError) as error:
        came = type(error).__name__
    gc.collect()
    return came, count("open")


encoded = list(packets()) if only_decodes else []
seen = {"plain": attempt()}
before = count("calls")
attempt()
seen["calls"] = count("calls") - before
sweep = []
for call in range(first, last + 1):
    faults = count("faults")
    setting("fail_at", call)
    came, left = attempt()
    setting("fail_at", 0)
    sweep.append({"call": call, "came": came, "faults": count("faults") - faults, "left": left})
seen["sweep"] = sweep
if not only_decodes:
    setting("session_limit", 3)
    encoders = [opened() for _ in range(3)]
    try:
        encoders.append(opened())
        seen["fourth"] = "opened"
    except (av.FFmpegError, OSError) as error:
        seen["fourth"] = type(error).__name__
    encoders.clear()
    gc.collect()
    setting("session_limit", 0)
    seen["left"] = count("open")
setting("lost_frame", 2)
seen["lost"] = attempt()
setting("lost_frame", 0)
seen["again"] = attempt()
setting("absent", 1)
seen["absent"] = attempt()
setting("absent", 0)
print(json.dumps(seen))
