/**
 * `@roamhq/wrtc` on Node.js, peer to peer: the other side is another process, or a second connection in this one.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import {
  connectRemote,
  type PairFactory,
  pairOf,
  type PeerConnection,
  sendMessages,
} from "./w3c.ts";
import {
  countMessages,
  FRAME_BYTES,
  keep,
  keepIdle,
  play,
  print,
  runTask,
  type Task,
  timeConnects,
  VIDEO,
  watch,
} from "./program.ts";

interface I420 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}
interface Wrtc {
  readonly RTCPeerConnection: new () => PeerConnection & {
    addTrack(
      track: unknown,
    ): { getParameters(): never; setParameters(parameters: object): Promise<void> };
    ontrack: (event: { readonly track: unknown }) => void;
  };
  readonly nonstandard: {
    readonly RTCVideoSource: new () => { createTrack(): unknown; onFrame(frame: I420): void };
    readonly RTCVideoSink: new (
      track: unknown,
    ) => { onframe: (event: { readonly frame: I420 }) => void };
    i420ToRgba(from: I420, to: I420): void;
  };
}
const { RTCPeerConnection, nonstandard } = createRequire(import.meta.url)("@roamhq/wrtc") as Wrtc;
const create = () => keep(new RTCPeerConnection());
const factory: PairFactory = create;

/** Puts VP8 first, and the bit rate that Sora's clients are given by the server. */
function wanted(sdp: string): string {
  const [, vp8] = /a=rtpmap:(\d+) VP8\/90000/.exec(sdp) ?? [];
  if (vp8 === undefined) throw new Error("The description must have VP8");
  return sdp.replace(
    /(m=video \d+ \S+ )(.*)/,
    (_, head: string, types: string) =>
      `${head}${[vp8, ...types.trim().split(" ").filter((one) => one !== vp8)].join(" ")}`,
  )
    .replace(/(m=video[^]*?c=IN [^\r]*\r\n)/, `$1b=AS:${VIDEO.kbps}\r\n`);
}

await runTask({
  async send(task) {
    const connection = create();
    const source = new nonstandard.RTCVideoSource();
    connection.addTrack(source.createTrack());
    await connectRemote(connection, true, wanted);
    const { width, height } = VIDEO;
    play(task, (data) => source.onFrame({ width, height, data }));
  },
  async receive(task) {
    const connection = create();
    const rgba = new Uint8ClampedArray(FRAME_BYTES.RGBA);
    connection.ontrack = ({ track }) => {
      const onFrame = watch(task);
      new nonstandard.RTCVideoSink(track).onframe = ({ frame }) => {
        const { width, height, data } = frame;
        onFrame((format) => {
          if (format === "I420") return data;
          nonstandard.i420ToRgba(frame, {
            width,
            height,
            data: width === VIDEO.width ? rgba : new Uint8ClampedArray(width * height * 4),
          });
          return rgba;
        }, width);
      };
    };
    await connectRemote(connection, false, wanted);
  },
  async "messages in"() {
    const connection = create();
    connection.ondatachannel = ({ channel }) => {
      channel.binaryType = "arraybuffer";
      const onMessage = countMessages();
      channel.onmessage = ({ data }) => onMessage((data as ArrayBuffer).byteLength);
    };
    await connectRemote(connection, false);
  },
  "messages out": (task) => sendMessages(create(), task),
  connect: async (task) => {
    await timeConnects(task, () => pairOf(factory));
    process.exit();
  },
  async start() {
    await pairOf(factory);
    print({ connected: true });
  },
  idle: (task: Task) => keepIdle({ ...task, count: task.count / 2 }, () => pairOf(factory)),
});
