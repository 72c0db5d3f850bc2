"""aiortc, peer to peer: the other side is another process, or a second connection in this one."""

import asyncio
import fractions
import os
import threading
import time

import av
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack, codecs
from aiortc.codecs import vpx
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from common import CONNECTS_AT_A_TIME, FPS, FRAMES_OF_A_FORMAT, HEIGHT, KBPS, WIDTH, Comparison, MessageCounter, Recorder, commands, draw, now, read_frames, read_number, run_commands, show, task

BUFFERED_BYTES = 1 << 20
# It starts at 500 kbps and has no setting.
vpx.DEFAULT_BITRATE = vpx.MIN_BITRATE = vpx.MAX_BITRATE = KBPS * 1000

task = task()


class Player(VideoStreamTrack):
    def __init__(self):
        super().__init__()
        self.frames = read_frames(f"{task['frames']}/frames.I420", HEIGHT * 3 // 2, WIDTH)
        self.recorder = Recorder("sent")
        self.number = 0
        self.begin = time.perf_counter()

    async def recv(self):
        await asyncio.sleep(max(0, self.begin + self.number / FPS - time.perf_counter()))
        pixels = self.frames[self.number % len(self.frames)]
        draw(pixels, self.number % 65536)
        at, before = now(), time.perf_counter()
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        self.recorder.add(self.number % 65536, at, (time.perf_counter() - before) * 1e6, "I420")
        frame.pts, frame.time_base = self.number * 90000 // FPS, fractions.Fraction(1, 90000)
        self.number += 1
        return frame


async def gathered_description(connection):
    description = connection.localDescription
    return {"type": description.type, "sdp": description.sdp}


def awaited(name):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    commands[name] = lambda line: loop.call_soon_threadsafe(future.set_result, line)
    return future


async def connect_remote(connection, offers):
    remote = awaited("sdp")

    async def take():
        await connection.setRemoteDescription(RTCSessionDescription(**(await remote)["sdp"]))

    if offers:
        await connection.setLocalDescription(await connection.createOffer())
        show(sdp=await gathered_description(connection))
        await take()
    else:
        await take()
        await connection.setLocalDescription(await connection.createAnswer())
        show(sdp=await gathered_description(connection))


async def send():
    connection = RTCPeerConnection()
    connection.addTrack(Player())
    vp8 = RTCRtpCodecCapability(mimeType="video/VP8", clockRate=90000)
    connection.getTransceivers()[0].setCodecPreferences([vp8])
    await connect_remote(connection, True)
    show(connected=True)
    return connection


async def receive():
    connection = RTCPeerConnection()
    recorder = Recorder("received")
    comparison = Comparison(f"{task['frames']}/frames.{task['formats'][0]}")

    async def read(track):
        count = 0
        while True:
            frame = await track.recv()
            at, before = now(), time.perf_counter()
            name = task["formats"][count // FRAMES_OF_A_FORMAT % len(task["formats"])]
            pixels = frame.to_ndarray(format={"BGR": "bgr24", "RGBA": "rgba"}[name])
            us = (time.perf_counter() - before) * 1e6
            count += 1
            number = read_number(pixels) if frame.width == WIDTH else None
            if number is None:
                recorder.other += 1
            else:
                recorder.add(number, at, us, name)
                if name == task["formats"][0]:
                    comparison.add(pixels, number)

    @connection.on("track")
    def on_track(track):
        connection.reader = asyncio.ensure_future(read(track))

    await connect_remote(connection, False)
    show(connected=True)
    return connection


async def messages_in():
    connection = RTCPeerConnection()
    counter = MessageCounter()
    connection.on("datachannel", lambda channel: channel.on("message", lambda data: counter.add(len(data))))
    await connect_remote(connection, False)
    show(connected=True)
    return connection


async def messages_out():
    connection = RTCPeerConnection()
    channel = connection.createDataChannel("data")
    channel.bufferedAmountLowThreshold = BUFFERED_BYTES // 2
    opened = asyncio.get_running_loop().create_future()
    channel.on("open", lambda: opened.set_result(None))
    await connect_remote(connection, True)
    await opened
    data = bytes(task["bytes"])

    def fill():
        while channel.bufferedAmount < BUFFERED_BYTES:
            channel.send(data)

    channel.on("bufferedamountlow", fill)
    fill()
    show(connected=True)
    return connection


async def pair():
    """Two connections in this process with a data channel that is open."""
    a, b = RTCPeerConnection(), RTCPeerConnection()
    loop = asyncio.get_running_loop()
    channel, opened, there = a.createDataChannel("data"), loop.create_future(), loop.create_future()
    channel.on("open", lambda: opened.set_result(None))
    b.on("datachannel", lambda channel: there.set_result(channel))
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    await opened
    await there
    return a, b


async def time_connects():
    connects, disconnects = [], []
    for turn in range(-1, task["count"]):
        start = time.perf_counter()
        a, b = await pair()
        connected = time.perf_counter()
        await a.close()
        await b.close()
        if turn >= 0:
            connects.append((connected - start) * 1000)
            disconnects.append((time.perf_counter() - connected) * 1000)
    show(connects=connects, disconnects=disconnects)
    os._exit(0)


async def start():
    kept = await pair()
    show(connected=True)
    return kept


async def idle():
    kept = [await pair()]
    more = awaited("more")
    show(connections=1)
    await more
    for start in range(1, task["count"] // 2, CONNECTS_AT_A_TIME):
        some = min(CONNECTS_AT_A_TIME, task["count"] // 2 - start)
        kept.extend(await asyncio.gather(*(pair() for _ in range(some))))
    show(connections=task["count"] // 2)
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


async def main():
    # When the part waits for the first time it knows its commands.
    asyncio.get_running_loop().call_soon(threading.Thread(target=run_commands, daemon=True).start)
    kept = await PARTS[task["part"]]()
    await asyncio.Event().wait()
    return kept


asyncio.run(main())
