"""Encodes frames through NVIDIA's PyNvVideoCodec, decodes them with FFmpeg in software, and prints what came of it as JSON.

    nvidia_client.py CODEC DECODER [FRAMES]

CODEC is NVIDIA's name: h264, hevc or av1; DECODER is FFmpeg's. Frames are in memory of the device, which needs no numpy.
"""
import ctypes
import json
import sys

import av
import PyNvVideoCodec

from pictures import nv12, summary

codec, decoder_name = sys.argv[1:3]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 30
width, height = 320, 240
size = width * height * 3 // 2
cuda = ctypes.CDLL("libcuda.so.1")


def call(name, *arguments):
    result = getattr(cuda, name)(*arguments)
    assert result == 0, f"{name}: {result}"


class Plane:
    """One plane of a frame, as libraries over CUDA show their memory to each other."""

    def __init__(self, shape, strides, address):
        self.__cuda_array_interface__ = {
            "shape": shape, "strides": strides, "data": (address, False), "typestr": "|u1", "version": 3,
        }


class Frame:
    def __init__(self):
        self.memory = ctypes.c_uint64()
        call("cuMemAlloc_v2", ctypes.byref(self.memory), ctypes.c_size_t(size))

    def fill(self, data):
        call("cuMemcpyHtoD_v2", self.memory, data, ctypes.c_size_t(size))

    def close(self):
        call("cuMemFree_v2", self.memory)

    def cuda(self):
        address = self.memory.value
        return [
            Plane((height, width, 1), (width, 1, 1), address),
            Plane((height // 2, width // 2, 2), (width, 2, 1), address + width * height),
        ]


context = ctypes.c_void_p()
call("cuInit", 0)
call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
call("cuCtxPushCurrent_v2", context)
settings = {"bitrate": 2_000_000, "fps": 30, "gop": 250, "preset": "P3", "tuning_info": "low_latency"}
if codec == "av1":
    settings["use_ivf_container"] = "0"
encoder = PyNvVideoCodec.CreateEncoder(
    width, height, "NV12", False, codec=codec, cudacontext=context.value, **settings)
frame = Frame()
packets = []
for index in range(count):
    frame.fill(nv12(width, height, index))
    packets += encoder.Encode(frame)
packets += encoder.EndEncode()
del encoder
frame.close()
call("cuCtxPopCurrent_v2", ctypes.byref(context))
call("cuDevicePrimaryCtxRelease", 0)

decoder = av.CodecContext.create(decoder_name, "r")
frames, keys = [], 0
for packet in packets:
    data = bytes(packet["data"])
    decoded = decoder.decode(av.Packet(data))
    keys += sum(frame.key_frame for frame in decoded)
    frames += decoded
frames += decoder.decode(None)
print(json.dumps(
    {"packets": len(packets), "keys": keys, "decoded": {decoder_name: summary(width, height, frames)}}))
