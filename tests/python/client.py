"""A member that connects with the official Python SDK.

Its one argument is JSON: the arguments of `create_connection`, and what it sends. It prints a JSON array for each event, and takes
commands from its standard input, a JSON array a line.
"""

import base64
import json
import os
import sys
import threading
import time

import sora_sdk

BITS = 12
COLOURS = [(200, 60, 40), (40, 190, 70), (60, 40, 210), (30, 180, 200)]
printing = threading.Lock()


def report(*event):
    with printing:
        print(json.dumps(event), flush=True)


def quarters(width, height, turn):
    """The frame without its number, as tests/support/frame.ts draws it."""

    def row(left):
        colours = [bytes(COLOURS[(left + side + turn) % 4]) for side in (0, 1)]
        return b"".join(colour * (width // 2) for colour in colours)

    return bytearray(row(0) * (height // 2) + row(2) * (height // 2))


def draw_number(frame, width, height, number):
    side = min(width, height) // 16 * 2
    for bit in range(BITS):
        x = (width - 6 * side) // 2 + bit % 6 * side
        y = height // 2 + (bit // 6 - 1) * side
        level = bytes([235 if number >> bit & 1 else 20]) * (3 * side)
        for line in range(y, y + side):
            at = (line * width + x) * 3
            frame[at : at + 3 * side] = level


def send_frames(source, stop, width, height, turn):
    frame = quarters(width, height, turn)
    number = 0
    begin = time.monotonic()
    while not stop.wait(max(0, begin + number / 30 - time.monotonic())):
        draw_number(frame, width, height, number % (1 << BITS))
        source.on_captured(memoryview(frame).cast("B", (height, width, 3)))
        number += 1


def main():
    options = json.loads(sys.argv[1])
    frame = options.pop("frame", None)
    openh264 = options.pop("openh264", None)
    sora = sora_sdk.Sora(openh264=openh264)
    source = sora.create_video_source() if frame else None
    connection = sora.create_connection(video_source=source, **options)
    connection.on_set_offer = lambda text: report("offer", json.loads(text))
    connection.on_notify = lambda text: report("notify", json.loads(text))
    connection.on_push = lambda text: report("push", json.loads(text))
    connection.on_switched = lambda text: report("switched", json.loads(text))
    connection.on_ws_close = lambda code, reason: report("ws_close", code, reason)
    connection.on_disconnect = lambda code, text: report("disconnect", code.name, text)
    connection.on_message = lambda label, data: report("message", label, base64.b64encode(data).decode())
    connection.on_signaling_message = lambda kind, direction, text: report("signaling", json.loads(text))
    connection.on_track = lambda track: report("track", track.kind)
    connection.connect()
    stop = threading.Event()
    threads = []
    if frame:
        threads.append(threading.Thread(target=send_frames, args=(source, stop, *frame)))
        threads[0].start()
    for line in sys.stdin:
        command, *args = json.loads(line)
        if command == "stats":
            report("stats", json.loads(connection.get_stats()))
        elif command == "send":
            report("sent", connection.send_data_channel(args[0], base64.b64decode(args[1])))
        elif command == "disconnect":
            break
    stop.set()
    for thread in threads:
        thread.join()
    connection.disconnect()
    report("end")
    # With the SDK loaded, the interpreter's own exit once took more than ten seconds.
    os._exit(0)


main()
