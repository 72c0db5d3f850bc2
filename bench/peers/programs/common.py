"""What the programs in Python share with those in program.ts: the task, the lines, the numbers in frames."""

import json
import sys
import threading
import time

WIDTH, HEIGHT, FPS, KBPS = 1280, 720, 30, 2500
BITS, SIDE, LEFT, TOP = 16, 16, 64, 64
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


def forth_and_back(frames):
    return frames + frames[-2:0:-1]


def run_command(text):
    line = json.loads(text)
    run = commands.get(line["do"])
    if run:
        run(line)


def task():
    return json.loads(sys.argv[1])
