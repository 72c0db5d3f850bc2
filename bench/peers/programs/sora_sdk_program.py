"""The official Python SDK, through this project's server."""

import concurrent.futures
import os
import threading
import time

import sora_sdk
from common import CONNECTS_AT_A_TIME, FPS, HEIGHT, KBPS, WIDTH, Comparison, MessageCounter, Recorder, commands, draw, now, read_frames, read_number, run_commands, show, task

LIMIT_S = 30
# The SDK cannot say how much waits to be sent, so the receiver acknowledges.
ACKNOWLEDGED_BYTES = 1 << 18
UNACKNOWLEDGED_BYTES = 1 << 20

task = task()
sora = sora_sdk.Sora()


def create(role, channel=None, **options):
    given = dict(audio=False, video_codec_type="VP8", video_bit_rate=KBPS) | options
    return sora.create_connection([task["url"]], role, channel or task["channel"], **given)


def connect(connection):
    """Connects, and waits until the server says that it is in the channel."""
    created = threading.Event()
    connection.on_notify = lambda text: '"connection.created"' in text and created.set()
    connection.connect()
    if not created.wait(LIMIT_S):
        raise TimeoutError("the server must say that the connection is created")
    return connection


def disconnect(connection):
    ended = threading.Event()
    connection.on_disconnect = lambda code, text: ended.set()
    connection.disconnect()
    if not ended.wait(LIMIT_S):
        raise TimeoutError("the connection must end")


def play(source):
    frames = read_frames(f"{task['frames']}/frames.BGR", HEIGHT, WIDTH, 3)
    recorder = Recorder("sent")
    show(connected=True)
    start, number = time.perf_counter(), 0
    while True:
        frame = frames[number % len(frames)]
        draw(frame, number % 65536)
        at, before = now(), time.perf_counter()
        source.on_captured(frame)
        recorder.add(number % 65536, at, (time.perf_counter() - before) * 1e6, "BGR")
        number += 1
        time.sleep(max(0, start + number / FPS - time.perf_counter()))


def send():
    source = sora.create_video_source()
    connection = connect(create("sendonly", video_source=source, degradation_preference=sora_sdk.SoraDegradationPreference.MAINTAIN_RESOLUTION))
    threading.Thread(target=play, args=(source,), daemon=True).start()
    return connection


def receive():
    recorder = Recorder("received")
    comparison = Comparison(f"{task['frames']}/frames.BGR")
    sinks = []

    def on_frame(frame):
        at, before = now(), time.perf_counter()
        pixels = frame.data()
        us = (time.perf_counter() - before) * 1e6
        number = read_number(pixels) if pixels.shape[1] == WIDTH else None
        if number is None:
            recorder.other += 1
        else:
            recorder.add(number, at, us, "BGR")
            comparison.add(pixels, number)

    def on_track(track):
        sink = sora_sdk.SoraVideoSink(track)
        sink.on_frame = on_frame
        sinks.append(sink)

    connection = create("recvonly")
    connection.on_track = on_track
    connect(connection)
    show(connected=True)
    return connection, sinks


def connect_for_messages():
    opened = threading.Event()
    connection = create("recvonly", data_channel_signaling=True, data_channels=[{"label": "#data", "direction": "sendrecv"}])
    connection.on_data_channel = lambda label: label == "#data" and opened.set()
    connection.connect()
    if not opened.wait(LIMIT_S):
        raise TimeoutError("the data channel must open")
    return connection


def messages_in():
    connection = connect_for_messages()
    counter = MessageCounter()
    unacknowledged = 0

    def on_message(label, data):
        nonlocal unacknowledged
        counter.add(len(data))
        unacknowledged += len(data)
        if unacknowledged >= ACKNOWLEDGED_BYTES:
            connection.send_data_channel("#data", unacknowledged.to_bytes(4, "big"))
            unacknowledged = 0

    connection.on_message = on_message
    show(connected=True)
    return connection


def messages_out():
    connection = connect_for_messages()
    data = bytes(task["bytes"])
    change = threading.Condition()
    waiting = 0

    def on_message(label, acknowledged):
        nonlocal waiting
        with change:
            waiting -= int.from_bytes(acknowledged, "big")
            change.notify()

    def pump():
        nonlocal waiting
        while True:
            with change:
                change.wait_for(lambda: waiting < UNACKNOWLEDGED_BYTES)
                waiting += len(data)
            connection.send_data_channel("#data", data)

    connection.on_message = on_message
    show(connected=True)
    threading.Thread(target=pump, daemon=True).start()
    return connection


def time_connects():
    connects, disconnects = [], []
    for turn in range(-1, task["count"]):
        start = time.perf_counter()
        connection = connect(create("sendrecv"))
        connected = time.perf_counter()
        disconnect(connection)
        if turn >= 0:
            connects.append((connected - start) * 1000)
            disconnects.append((time.perf_counter() - connected) * 1000)
    show(connects=connects, disconnects=disconnects)
    os._exit(0)


def start():
    connection = connect(create("sendrecv"))
    show(connected=True)
    return connection


def idle():
    kept = [connect(create("sendrecv", f"{task['channel']} 0"))]
    more = threading.Event()
    commands["more"] = lambda line: more.set()

    def run():
        more.wait()
        with concurrent.futures.ThreadPoolExecutor(CONNECTS_AT_A_TIME) as pool:
            kept.extend(pool.map(lambda index: connect(create("sendrecv", f"{task['channel']} {index}")), range(1, task["count"])))
        show(connections=task["count"])

    threading.Thread(target=run, daemon=True).start()
    show(connections=1)
    return kept


PARTS = {
    "send": send,
    "receive": receive,
    "messages in": messages_in,
    "messages out": messages_out,
    "connect": time_connects,
    "start": start,
    "idle": idle,
}
# From the beginning, so that whoever loses the one who started it while it connects ends too.
reading = threading.Thread(target=run_commands, daemon=True)
reading.start()
kept = PARTS[task["part"]]()
reading.join()
