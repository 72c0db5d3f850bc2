/**
 * The states in which a program or a Worker may end, with everything open that belongs to each.
 *
 * @module
 */

import {
  Sora,
  SoraAudioFrameTransformer,
  SoraAudioStreamSink,
  type SoraError,
  SoraVAD,
  SoraVideoFrame,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { seededRandom } from "../../base/random.ts";
import { eventually, pause } from "./eventually.ts";
import { MediaClient, nextFrame } from "./media_client.ts";

/** What is open. */
export interface Open {
  /** Closes all of it, as a tidy program does. */
  close(): Promise<unknown>;
  /** Frames and objects that nobody has closed. */
  readonly kept: readonly unknown[];
}

/** Where it is. */
export interface Place {
  readonly url: string;
  readonly channelId: string;
  /** For the moment at which `connecting` is left. */
  readonly seed: number;
}

const room = ({ url, channelId }: Place) =>
  ({ signalingUrls: [url], channelId, videoCodecType: "VP8" }) as const;

const sent = { frame: { width: 320, height: 240, turn: 0 }, toneHz: 440 } as const;

const closing = (...clients: readonly MediaClient[]) => () =>
  Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));

const LABEL = "#none";

/** The longest that {@link connecting} waits; a connection takes about as long. */
const CONNECTING_MS = 80;

/** Everything is made, and nothing connected. */
function idle(place: Place): Open {
  const sora = new Sora();
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
  const sources = [sora.createVideoSource(), audioSource] as const;
  const connection = sora.createConnection({
    ...room(place),
    role: "sendrecv",
    videoSource: sources[0],
    audioSource,
  });
  const close = async () => {
    await connection.disconnect();
    for (const source of sources) source.close();
    await sora.close();
  };
  return { close, kept: [connection, ...sources, new SoraVAD()] };
}

/** A connection is about to be made: at a moment of the seed. */
async function connecting(place: Place): Promise<Open> {
  const client = new MediaClient({ ...room(place), role: "sendrecv" }, sent);
  // Rejected when it is closed meanwhile.
  client.connect().catch(() => {});
  // Any moment is as good as another.
  await pause(seededRandom(place.seed)() * CONNECTING_MS);
  return { close: closing(client), kept: [client] };
}

/** A sender and a receiver, of which more keeps coming in, and frames that are not closed. */
async function media(place: Place, transformers = false): Promise<Open> {
  const sender = new MediaClient(
    { ...room(place), role: "sendonly", ...(transformers ? transforming() : {}) },
    sent,
  );
  const receiver = new MediaClient({ ...room(place), role: "recvonly" });
  if (transformers) {
    const own = receiver.connection.onTrack;
    receiver.connection.onTrack = (track) => {
      const { videoFrameTransformer, audioFrameTransformer } = transforming();
      track.setFrameTransformer(
        track.kind === "video" ? videoFrameTransformer : audioFrameTransformer,
      );
      own?.(track);
    };
  }
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  const kept = await nextFrame(video);
  for (let count = 0; count < 4; count++) (await nextFrame(video)).close();
  await audio.read(480);
  video.onFrame = (frame) => frame.close();
  audio.onData = () => {};
  return { close: closing(sender, receiver), kept: [kept, new SoraVAD()] };
}

/** Transformers that hand each frame on after a while. */
function transforming() {
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  videoFrameTransformer.onTransform = (frame) => {
    frame.setData(frame.getData());
    setTimeout(() => {
      try {
        videoFrameTransformer.enqueue(frame);
      } catch (error) {
        // On a busy machine it has waited for so long that it was dropped.
        if ((error as Partial<SoraError>).code !== "CLOSED") throw error;
      }
    });
  };
  const audioFrameTransformer = new SoraAudioFrameTransformer();
  audioFrameTransformer.onTransform = (frame) => {
    frame.setData(frame.getData());
    queueMicrotask(() => audioFrameTransformer.enqueue(frame));
  };
  return { videoFrameTransformer, audioFrameTransformer };
}

/** Loops wait for everything that can be iterated over; hardly anything comes. */
async function iterators(place: Place): Promise<Open> {
  const messaging = {
    dataChannelSignaling: true,
    dataChannels: [{ label: LABEL, direction: "sendrecv" }],
  } as const;
  const sender = new MediaClient({ ...room(place), ...messaging, role: "sendonly" }, sent);
  sender.show(undefined);
  const receiver = new MediaClient({ ...room(place), ...messaging, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  const { connection } = receiver;
  await eventually("the data channel", () => connection.dataChannel(LABEL).isOpen);
  const loops = [
    readAll(video),
    readAll(new SoraAudioStreamSink(audio.track)),
    readAll(connection.dataChannel(LABEL).readable),
    readAll(connection.statsStream({ intervalMs: 100 })),
  ];
  return { close: closing(sender, receiver), kept: loops };
}

/** Reads to the end, which is that of the connection. */
async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) if (item instanceof SoraVideoFrame) item.close();
}

/** The states by name. */
export const EXIT_STATES = {
  idle,
  connecting,
  media: (place: Place) => media(place),
  transformers: (place: Place) => media(place, true),
  iterators,
} as const;

/** The name of a state. */
export type ExitState = keyof typeof EXIT_STATES;
