/**
 * LiveKit's SDK for Node.js, through LiveKit's server.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { LIVEKIT_KEY, LIVEKIT_SECRET } from "./livekit_keys.ts";
import {
  type Connected,
  countMessages,
  type Format,
  keepIdle,
  message,
  play,
  print,
  runTask,
  type Task,
  timeConnects,
  VIDEO,
  watch,
} from "./program.ts";

interface VideoFrame {
  readonly data: Uint8Array;
  readonly width: number;
  convert(type: number): VideoFrame;
}
interface ByteStreamWriter {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
interface Participant {
  publishTrack(track: unknown, options: unknown): Promise<unknown>;
  publishData(data: Uint8Array, options: { readonly reliable: boolean }): Promise<void>;
  streamBytes(options: { readonly topic: string }): Promise<ByteStreamWriter>;
}
interface Room {
  readonly localParticipant: Participant;
  connect(url: string, token: string, options: object): Promise<void>;
  disconnect(): Promise<void>;
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...values: any[]) => void): void;
  registerByteStreamHandler(
    topic: string,
    handler: (reader: AsyncIterable<Uint8Array>) => unknown,
  ): void;
}
interface LiveKit {
  readonly Room: new () => Room;
  readonly VideoSource: new (
    width: number,
    height: number,
  ) => { captureFrame(frame: VideoFrame): void };
  readonly VideoFrame: new (
    data: Uint8Array,
    width: number,
    height: number,
    type: number,
  ) => VideoFrame;
  readonly VideoStream: new (track: unknown) => AsyncIterable<{ readonly frame: VideoFrame }>;
  readonly VideoBufferType: Readonly<Record<string, number>>;
  readonly VideoCodec: Readonly<Record<string, number>>;
  readonly TrackSource: Readonly<Record<string, number>>;
  readonly LocalVideoTrack: { createVideoTrack(name: string, source: unknown): unknown };
  readonly TrackPublishOptions: new (options: object) => unknown;
  dispose(): Promise<void>;
}
interface ServerSdk {
  readonly AccessToken: new (key: string, secret: string, options: object) => {
    addGrant(grant: object): void;
    toJwt(): Promise<string>;
  };
}
const load = createRequire(import.meta.url);
const livekit = load("@livekit/rtc-node") as LiveKit;
const { AccessToken } = load("livekit-server-sdk") as ServerSdk;

/** Packets of data may have 15 kB; what is longer goes in streams. */
const PACKET_BYTES = 15_000;
/** Calls that wait for their answer at a time. */
const AT_A_TIME = 64;

async function connect({ url, channel }: Task, room = new livekit.Room()): Promise<Room> {
  const identity = `${process.pid} ${performance.now()}`;
  const token = new AccessToken(LIVEKIT_KEY, LIVEKIT_SECRET, { identity });
  token.addGrant({ roomJoin: true, room: channel });
  await room.connect(url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  return room;
}

await runTask({
  async send(task) {
    const { width, height, fps, kbps } = VIDEO;
    const source = new livekit.VideoSource(width, height);
    const track = livekit.LocalVideoTrack.createVideoTrack("video", source);
    const room = await connect(task);
    await room.localParticipant.publishTrack(
      track,
      new livekit.TrackPublishOptions({
        source: livekit.TrackSource["SOURCE_CAMERA"],
        videoCodec: livekit.VideoCodec["VP8"],
        videoEncoding: { maxBitrate: BigInt(kbps * 1_000), maxFramerate: fps },
        simulcast: false,
      }),
    );
    const { VideoFrame, VideoBufferType } = livekit;
    play(
      task,
      (pixels, format) =>
        source.captureFrame(new VideoFrame(pixels, width, height, VideoBufferType[format]!)),
    );
  },
  async receive(task) {
    const room = new livekit.Room();
    const onFrame = watch(task);
    room.on("trackSubscribed", async (track: unknown) => {
      for await (const { frame } of new livekit.VideoStream(track)) {
        onFrame(
          (format: Format) => frame.convert(livekit.VideoBufferType[format]!).data,
          frame.width,
        );
      }
    });
    await connect(task, room);
  },
  async "messages in"(task) {
    const room = new livekit.Room();
    const onMessage = countMessages();
    room.on("dataReceived", (data: Uint8Array) => onMessage(data.byteLength));
    room.registerByteStreamHandler("data", async (reader) => {
      let bytes = 0;
      for await (const chunk of reader) bytes += chunk.byteLength;
      onMessage(bytes);
    });
    await connect(task, room);
  },
  async "messages out"(task) {
    const { localParticipant } = await connect(task);
    print({ connected: true });
    const data = message(task.bytes);
    const send = async () => {
      if (task.bytes <= PACKET_BYTES) {
        return await localParticipant.publishData(data, { reliable: true });
      }
      const writer = await localParticipant.streamBytes({ topic: "data" });
      await writer.write(data);
      await writer.close();
    };
    const sending = async () => {
      while (true) await send();
    };
    await Promise.all(Array.from({ length: task.bytes <= PACKET_BYTES ? AT_A_TIME : 4 }, sending));
  },
  connect: async (task) => {
    await timeConnects(task, (): Promise<Connected> => connect(task));
    process.exit();
  },
  async start(task) {
    await connect(task);
    print({ connected: true });
  },
  idle: (task) =>
    // Of several that connect at a time, some never do.
    keepIdle(task, (index) => connect({ ...task, channel: `${task.channel} ${index}` }), 1),
});
