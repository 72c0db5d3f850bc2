"""Encodes frames with Intel's sample_encode, decodes its file with FFmpeg in software, and prints what came of it as JSON.

    intel_client.py SAMPLE_ENCODE CODEC FORMAT [FRAMES]

CODEC is Intel's name: h264, h265 or av1; FORMAT is FFmpeg's for a file of it. The program asks a graphics device through VA-API for
memory unless the runtime is one without a device (-sw).
"""
import json
import os
import subprocess
import sys
import tempfile

import av

from pictures import nv12, summary

program, codec, file_format = sys.argv[1:4]
count = int(sys.argv[4]) if len(sys.argv) > 4 else 30
width, height = 320, 240

with tempfile.TemporaryDirectory() as folder:
    source, coded = os.path.join(folder, "source"), os.path.join(folder, "coded")
    with open(source, "wb") as file:
        for index in range(count):
            file.write(nv12(width, height, index))
    words = [
        program, codec, "-sw", "-i", source, "-nv12", "-w", str(width), "-h", str(height), "-f", "30", "-b", "2000",
        "-o", coded,
    ]
    ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout
    packets, frames = 0, []
    with av.open(coded, format=file_format) as container:
        for packet in container.demux(video=0):
            packets += packet.size > 0
            frames += packet.decode()
    keys = sum(frame.key_frame for frame in frames)
    print(json.dumps(
        {"packets": packets, "keys": keys, "decoded": {file_format: summary(width, height, frames)}}))
