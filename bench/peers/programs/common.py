"""What the programs in Python share with those in program.ts: the task, the lines, the numbers in frames."""

import json
import math
import os
import sys
import threading
import time

WIDTH, HEIGHT, FPS, KBPS = 1280, 720, 30, 2500
BITS, SIDE, LEFT, TOP = 16, 16, 64, 64
# Frames that are read in one format before the next: its buffers are in the caches then, as they are for who has one.
FRAMES_OF_A_FORMAT = 15
# How many frames are compared with those that were pushed.
COMPARED = 10
# How many connections are made at a time: those of some wait for a second.
CONNECTS_AT_A_TIME = 4
printing = threading.Lock()
commands = {}


def show(**line):
    with printing:
        print(json.dumps(line), flush=True)


def now():
    return time.time() * 1000


def draw(frame, number):
    """Draws a number into an array of rows."""
    for bit in range(BITS):
        left = LEFT + bit * SIDE
        frame[TOP : TOP + SIDE, left : left + SIDE] = 235 if number >> bit & 1 else 20


def read_number(frame):
    """The number in an array of rows, or None where a bit is not clear."""
    number = 0
    for bit in range(BITS):
        pixel = frame[TOP + SIDE // 2, LEFT + bit * SIDE + SIDE // 2]
        level = int(pixel if frame.ndim == 2 else pixel[0])
        if 90 < level < 160:
            return None
        number |= (level >= 160) << bit
    return number


class Recorder:
    """Keeps what happens between the commands begin and end, then prints it."""

    def __init__(self, key):
        self.entries, self.other = [], 0
        commands["begin"] = lambda line: self.clear()
        commands["end"] = lambda line: show(**{key: self.entries, "other": self.other})

    def clear(self):
        self.entries, self.other = [], 0

    def add(self, *entry):
        self.entries.append(entry)


class Comparison:
    """Compares frames in BGR or RGBA with those that were pushed, after the command compare; prints their PSNR."""

    def __init__(self, path):
        self.left, self.originals, self.errors = 0, [], []

        def begin(line):
            self.originals = read_frames(path, HEIGHT, WIDTH, 3 if path.endswith("BGR") else 4)
            self.left = COMPARED

        commands["compare"] = begin

    def add(self, pixels, number):
        """Only green is looked at, which is in the same place in both formats and most of what the eye sees."""
        if self.left == 0:
            return
        original = self.originals[number % len(self.originals)]
        draw(original, number)
        difference = pixels[:, :, 1].astype("float32") - original[:, :, 1]
        self.errors.append(float((difference**2).mean()))
        self.left -= 1
        if self.left == 0:
            show(psnr=10 * math.log10(255**2 / (sum(self.errors) / COMPARED)))


class MessageCounter:
    """Counts messages between the commands begin and end."""

    def __init__(self):
        self.clear()
        commands["begin"] = lambda line: self.clear()
        commands["end"] = lambda line: show(messages=self.messages, bytes=self.bytes, seconds=time.monotonic() - self.since)

    def clear(self):
        self.messages, self.bytes, self.since = 0, 0, time.monotonic()

    def add(self, size):
        self.messages += 1
        self.bytes += size


def read_frames(path, *shape):
    """The frames of a file, as arrays of one buffer."""
    import numpy  # Programs without frames need not have it, which takes time at the start.

    size = math.prod(shape)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    return forth_and_back([numpy.frombuffer(data, numpy.uint8, size, at).reshape(shape) for at in range(0, len(data), size)])


def forth_and_back(frames):
    return frames + frames[-2:0:-1]


def run_commands():
    """Runs commands until whoever started this is gone."""
    for text in sys.stdin:
        line = json.loads(text)
        run = commands.get(line["do"])
        if run:
            run(line)
    os._exit(0)


def task():
    return json.loads(sys.argv[1])
