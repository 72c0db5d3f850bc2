/**
 * `node-datachannel` on Node.js, peer to peer. It has data channels alone: its tracks take packets, not frames.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import {
  BUFFERED_BYTES,
  command,
  countMessages,
  keep,
  keepIdle,
  message,
  print,
  pump,
  runTask,
  timeConnects,
} from "./program.ts";

interface Channel {
  onOpen(listener: () => void): void;
  onClosed(listener: () => void): void;
  onMessage(listener: (data: string | Uint8Array) => void): void;
  onBufferedAmountLow(listener: () => void): void;
  setBufferedAmountLowThreshold(bytes: number): void;
  bufferedAmount(): number;
  sendMessageBinary(data: Uint8Array): boolean;
}
interface PeerConnection {
  onLocalDescription(listener: (sdp: string, type: string) => void): void;
  onLocalCandidate(listener: (candidate: string, mid: string) => void): void;
  onGatheringStateChange(listener: (state: string) => void): void;
  onDataChannel(listener: (channel: Channel) => void): void;
  setRemoteDescription(sdp: string, type: string): void;
  addRemoteCandidate(candidate: string, mid: string): void;
  localDescription(): { readonly sdp: string; readonly type: string };
  createDataChannel(label: string): Channel;
  close(): void;
}
interface NodeDataChannel {
  readonly PeerConnection: new (
    name: string,
    options: { readonly iceServers: [] },
  ) => PeerConnection;
}
const { PeerConnection } = createRequire(import.meta.url)("node-datachannel") as NodeDataChannel;
const create = (name: string) => keep(new PeerConnection(name, { iceServers: [] }));

/** Descriptions with all candidates go to another process. */
function show(connection: PeerConnection): void {
  connection.onGatheringStateChange((state) => {
    if (state === "complete") print({ sdp: connection.localDescription() });
  });
}

async function take(connection: PeerConnection): Promise<void> {
  const { sdp, type } = (await command("sdp"))["sdp"] as { sdp: string; type: string };
  connection.setRemoteDescription(sdp, type);
}

/** Two connections in this process with a data channel that is open. */
async function pair(): Promise<{ disconnect(): Promise<void> }> {
  const [a, b] = [create("a"), create("b")];
  for (const [from, to] of [[a, b], [b, a]] as const) {
    // A candidate may come before the description, whose transport it needs.
    let waiting: [candidate: string, mid: string][] | undefined = [];
    from.onLocalDescription((sdp, type) => {
      to.setRemoteDescription(sdp, type);
      for (const one of waiting ?? []) to.addRemoteCandidate(...one);
      waiting = undefined;
    });
    from.onLocalCandidate((...one) => {
      if (waiting === undefined) to.addRemoteCandidate(...one);
      else waiting.push(one);
    });
  }
  const there = new Promise<Channel>((resolve) => b.onDataChannel(resolve));
  const channel = a.createDataChannel("data");
  await new Promise<void>((resolve) => channel.onOpen(resolve));
  const other = await there;
  keep(channel);
  return {
    async disconnect() {
      const closed = new Promise<void>((resolve) => other.onClosed(resolve));
      a.close();
      await closed;
      b.close();
    },
  };
}

await runTask({
  async "messages in"() {
    const connection = create("in");
    connection.onDataChannel((channel) => {
      keep(channel);
      const onMessage = countMessages();
      channel.onMessage((data) => onMessage(data.length));
    });
    show(connection);
    await take(connection);
  },
  async "messages out"({ bytes }) {
    const connection = create("out");
    show(connection);
    const channel = keep(connection.createDataChannel("data"));
    channel.setBufferedAmountLowThreshold(BUFFERED_BYTES / 2);
    const open = new Promise<void>((resolve) => channel.onOpen(resolve));
    await take(connection);
    await open;
    print({ connected: true });
    const data = message(bytes);
    channel.onBufferedAmountLow(
      pump(bytes, () => channel.bufferedAmount(), () => channel.sendMessageBinary(data)),
    );
  },
  connect: async (task) => {
    await timeConnects(task, pair);
    process.exit();
  },
  async start() {
    await pair();
    print({ connected: true });
  },
  idle: (task) => keepIdle({ ...task, count: task.count / 2 }, pair),
});
