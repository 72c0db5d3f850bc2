/**
 * Connections with the API of W3C WebRTC, peer to peer. The orchestrator carries descriptions between processes.
 *
 * @module
 */

import { command, message, print, pump, type Task } from "./program.ts";

/** What is used of an `RTCPeerConnection`. */
export interface PeerConnection {
  createOffer(): Promise<Description>;
  createAnswer(): Promise<Description>;
  setLocalDescription(description: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  createDataChannel(label: string): DataChannel;
  addIceCandidate(candidate: unknown): Promise<void>;
  readonly localDescription: Description;
  readonly iceGatheringState: string;
  onicegatheringstatechange: () => void;
  onicecandidate: (event: { readonly candidate: unknown }) => void;
  ondatachannel: (event: { readonly channel: DataChannel }) => void;
  close(): void;
}

/** What is used of an `RTCDataChannel`. */
export interface DataChannel {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: () => void;
  onclose: () => void;
  onmessage: (event: { readonly data: unknown }) => void;
  send(data: Uint8Array): void;
}

/** A description. */
export interface Description {
  readonly type: string;
  readonly sdp: string;
}

/** Makes a connection. */
export type PairFactory = () => PeerConnection;

/** Milliseconds until it is looked again whether there is room. */
const POLL_MS = 1;

async function gathered(connection: PeerConnection): Promise<void> {
  if (connection.iceGatheringState === "complete") return;
  await new Promise<void>((resolve) => {
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
  });
}

/** Connects to a connection in another process. */
export async function connectRemote(
  connection: PeerConnection,
  offers: boolean,
  change: (sdp: string) => string = (sdp) => sdp,
): Promise<void> {
  const remote = command("sdp");
  const show = async () => {
    await gathered(connection);
    const { type, sdp } = connection.localDescription;
    print({ sdp: { type, sdp: change(sdp) } });
  };
  const take = async () => {
    const { type, sdp } = (await remote)["sdp"] as Description;
    await connection.setRemoteDescription({ type, sdp });
  };
  if (offers) {
    await connection.setLocalDescription(await connection.createOffer());
    await show();
    await take();
  } else {
    await take();
    await connection.setLocalDescription(await connection.createAnswer());
    await show();
  }
}

/** Two connections in this process with a data channel that is open. */
export async function pairOf(factory: PairFactory): Promise<{ disconnect(): Promise<void> }> {
  const [a, b] = [factory(), factory()];
  const channel = a.createDataChannel("data");
  const open = new Promise<void>((resolve) => channel.onopen = resolve);
  const there = new Promise<DataChannel>((resolve) =>
    b.ondatachannel = (event) => resolve(event.channel)
  );
  // Candidates one by one, as applications do it: the connection is up earlier.
  const wire = (from: PeerConnection, to: PeerConnection) => {
    const waiting: unknown[] = [];
    let ready = false;
    from.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      if (ready) void to.addIceCandidate(candidate);
      else waiting.push(candidate);
    };
    return () => {
      ready = true;
      for (const candidate of waiting.splice(0)) void to.addIceCandidate(candidate);
    };
  };
  const [toB, toA] = [wire(a, b), wire(b, a)];
  const offer = await a.createOffer();
  await a.setLocalDescription(offer);
  await b.setRemoteDescription(offer);
  toB();
  const answer = await b.createAnswer();
  await b.setLocalDescription(answer);
  await a.setRemoteDescription(answer);
  toA();
  await open;
  const other = await there;
  return {
    async disconnect() {
      const closed = new Promise<void>((resolve) => other.onclose = resolve);
      a.close();
      await closed;
      b.close();
    },
  };
}

/** Sends messages to another process as fast as they leave. */
export async function sendMessages(connection: PeerConnection, { bytes }: Task): Promise<void> {
  const channel = connection.createDataChannel("data");
  channel.binaryType = "arraybuffer";
  const open = new Promise<void>((resolve) => channel.onopen = resolve);
  await connectRemote(connection, true);
  await open;
  print({ connected: true });
  const data = message(bytes);
  // The event `bufferedamountlow` never comes.
  setInterval(pump(bytes, () => channel.bufferedAmount, () => channel.send(data)), POLL_MS);
}
