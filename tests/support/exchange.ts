/**
 * Two connections that send media and messages to each other, as a user's test has them.
 *
 * @module
 */

import { Sora, SoraAudioSink, type SoraMediaTrack, SoraVideoSink } from "../../mod.ts";

const size = { width: 320, height: 240 };
const LABEL = "#chat";

/** Resolves with the first frame, or with the first audio, of a track. */
function firstOf(track: SoraMediaTrack): Promise<void> {
  return new Promise((resolve) => {
    if (track.kind === "video") {
      new SoraVideoSink(track).onFrame = (frame) => {
        frame.close();
        resolve();
      };
    } else {
      new SoraAudioSink(track).onData = () => resolve();
    }
  });
}

/**
 * Connects twice, waits for video, audio and a message each way, and closes everything it opened.
 *
 * @param url The signaling URL.
 * @param meanwhile Runs while everything is open; may throw.
 */
export async function exchange(
  url: string,
  meanwhile: () => void | Promise<void> = () => {},
): Promise<void> {
  await using sora = new Sora();
  const options = {
    signalingUrls: [url],
    channelId: "exchange",
    dataChannelSignaling: true,
    dataChannels: [{ label: LABEL, direction: "sendrecv" }],
  } as const;
  using videoSource = sora.createVideoSource();
  using audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
  await using sender = sora.createConnection({
    ...options,
    role: "sendonly",
    videoSource,
    audioSource,
  });
  await using receiver = sora.createConnection({ ...options, role: "recvonly" });

  const video = Promise.withResolvers<void>();
  const audio = Promise.withResolvers<void>();
  receiver.onTrack = (track) => {
    (track.kind === "video" ? video : audio).resolve(firstOf(track));
  };
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  receiver.onMessage = (label) => {
    receiver.sendDataChannel(label, "answer");
    asked.resolve();
  };
  sender.onMessage = () => answered.resolve();
  const ready = [sender, receiver].map((connection) =>
    new Promise<void>((resolve) => connection.onDataChannel = () => resolve())
  );
  await Promise.all([sender.connect(), receiver.connect(), ...ready]);

  const grey = new Uint8Array(size.width * size.height * 3).fill(128);
  const silence = new Int16Array(480);
  const sending = setInterval(() => {
    videoSource.onCaptured(grey, size);
    audioSource.onData(silence);
  }, 10);
  try {
    sender.sendDataChannel(LABEL, "question");
    await Promise.all([video.promise, audio.promise, asked.promise, answered.promise]);
    await meanwhile();
  } finally {
    clearInterval(sending);
  }
}
