/**
 * This SDK, on Deno and on Bun, from its package.
 *
 * @module
 */

import process from "node:process";
import { Sora, type SoraConnection, type SoraConnectionOptions, SoraVideoSink } from "sora-ffi";
import {
  type Connected,
  countMessages,
  FRAME_BYTES,
  keepIdle,
  message,
  play,
  print,
  pumpOnce,
  runTask,
  type Task,
  timeConnects,
  VIDEO,
  watch,
} from "./program.ts";

const sora = new Sora();

function create(
  { url, channel }: Task,
  role: SoraConnectionOptions["role"],
  options: Partial<SoraConnectionOptions> = {},
): SoraConnection {
  return sora.createConnection({
    signalingUrls: [url],
    channelId: channel,
    role,
    audio: false,
    videoCodecType: "VP8",
    videoBitRate: VIDEO.kbps,
    ...options,
  });
}

/** Connects, and waits until the server says that it is in the channel, as the other SDK of Sora's can only do. */
async function connect(connection: SoraConnection): Promise<Connected> {
  const created = new Promise<void>((resolve) => {
    connection.onNotify = (notify) => {
      if (notify.event_type === "connection.created") resolve();
    };
  });
  await Promise.all([connection.connect(), created]);
  return connection;
}

const dataChannel = {
  dataChannelSignaling: true,
  dataChannels: [{ label: "#data", direction: "sendrecv" }],
} as const;

async function connectForMessages(task: Task): Promise<SoraConnection> {
  const connection = create(task, "recvonly", dataChannel);
  const open = new Promise((resolve) => connection.onDataChannel = resolve);
  await connection.connect();
  await open;
  return connection;
}

await runTask({
  async send(task) {
    const videoSource = sora.createVideoSource();
    await connect(create(task, "sendonly", {
      videoSource,
      degradationPreference: "MAINTAIN_RESOLUTION",
    }));
    const { width, height } = VIDEO;
    play(task, (pixels, format) => videoSource.onCaptured(pixels, { width, height, format }));
  },
  async receive(task) {
    const buffers = new Map(task.formats.map((one) => [one, new Uint8Array(FRAME_BYTES[one])]));
    const connection = create(task, "recvonly");
    const onFrame = watch(task);
    connection.onTrack = (track) => {
      new SoraVideoSink(track).onFrame = (frame) => {
        onFrame((format) => {
          const pixels = buffers.get(format)!;
          if (frame.width === VIDEO.width) frame.copyTo(pixels, { format });
          return pixels;
        }, frame.width);
        frame.close();
      };
    };
    await connection.connect();
  },
  async "messages in"(task) {
    const connection = await connectForMessages(task);
    const onMessage = countMessages();
    connection.onMessage = (_label, data) => onMessage(data.byteLength);
  },
  async "messages out"(task) {
    const connection = await connectForMessages(task);
    const writer = connection.dataChannel("#data").writable.getWriter();
    const data = message(task.bytes);
    print({ connected: true });
    const send = () => void connection.sendDataChannel("#data", data);
    while (true) {
      await pumpOnce(task.bytes, () => connection.bufferedAmount("#data"), send);
      // Comes when there is room.
      await writer.write(data);
    }
  },
  connect: async (task) => {
    await timeConnects(task, () => connect(create(task, "sendrecv")));
    process.exit();
  },
  async start(task) {
    await connect(create(task, "sendrecv"));
    print({ connected: true });
  },
  idle: (task) =>
    keepIdle(
      task,
      (index) => connect(create({ ...task, channel: `${task.channel} ${index}` }, "sendrecv")),
    ),
});
