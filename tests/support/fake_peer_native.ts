/**
 * The SDK's peer connection over a fake native library: every request succeeds, and a test injects events that the real one
 * cannot be made to report. Signaling, its WebSocket and the SDK's peer are real.
 *
 * @module
 */

import type { NativeFunctions } from "../../ffi/binding.ts";
import { EventType, PeerState, Result } from "../../ffi/constants.ts";
import { EventPump } from "../../ffi/events.ts";
import type { SoraMediaTrack } from "../../sdk/track/media_track.ts";
import { NativeHandle } from "../../sdk/native/handle.ts";
import { ConnectionMedia } from "../../sdk/connection_media.ts";
import { nativePeerFactory } from "../../sdk/peer/peer.ts";
import { Sources } from "../../sdk/track/sources.ts";
import { checkSignalingOptions, SignalingSession } from "../../signaling/mod.ts";
import { createWebSocket } from "../../signaling/socket/websocket.ts";
import { FakeNative, requestPayload } from "./fake_native.ts";

const PEER = 7;

/** A session whose peer connection is the test's. */
export class FakePeerSession {
  readonly native = new FakeNative();
  readonly session: SignalingSession;
  readonly ends: (readonly unknown[])[] = [];
  readonly tracks: SoraMediaTrack[] = [];
  readonly errors: unknown[] = [];
  readonly pushes: unknown[] = [];
  /** What listeners threw, which nothing should. */
  readonly bugs: unknown[] = [];
  /** The offer was applied. */
  onSetOffer = (): void => {};
  /** The text of the statistics, and how often it was requested. */
  stats = "[]";
  statsAsked = 0;

  constructor(url: string, options: object = {}) {
    const functions = this.#functions();
    const events = new EventPump(
      this.native.binding(functions),
      (error) => void this.bugs.push(error),
    );
    const realm = { path: "/fake", functions, events };
    const media = new ConnectionMedia({}, new Sources(), {
      onTrack: (track) => void this.tracks.push(track),
      onRemoveTrack: undefined,
      onError: (error) => void this.errors.push(error),
    });
    this.session = new SignalingSession({
      options: checkSignalingOptions({
        signalingUrls: [url],
        role: "recvonly",
        channelId: "fake",
        ...options,
      }),
      handlers: {
        onSetOffer: () => this.onSetOffer(),
        onWsClose: (...args) => void this.ends.push(["onWsClose", ...args]),
        onDisconnect: (...args) => void this.ends.push(["onDisconnect", ...args]),
        onPush: ({ data }) => void this.pushes.push(data),
      },
      client: { soraClient: "Sora FFI SDK 0.0.0" },
      createSocket: createWebSocket,
      createPeer: nativePeerFactory(new NativeHandle(realm, "Sora", 1), media, {}),
    });
  }

  /** Has the peer connection's state change. */
  become(state: keyof typeof PeerState): void {
    this.native.push({ type: EventType.PEER_STATE, handle: PEER, argument: PeerState[state] });
  }

  /** Has something happen to the peer connection. */
  happen(type: number, argument: number, json: object): void {
    const payload = new TextEncoder().encode(JSON.stringify(json));
    this.native.push({ type, handle: PEER, argument, payload });
  }

  #done(request: number, text: string): number {
    const payload = requestPayload(Result.OK, text);
    const { native } = this;
    queueMicrotask(() =>
      native.push({ type: EventType.REQUEST_DONE, handle: PEER, argument: request, payload })
    );
    return Result.OK;
  }

  #functions(): NativeFunctions {
    const own: Partial<NativeFunctions> = {
      sora_queue_create: (_bytes, out) => {
        (out as Uint32Array)[0] = 1;
        return Result.OK;
      },
      sora_queue_next_size: (queue) => this.native.binding().functions.sora_queue_next_size(queue),
      sora_queue_drain: (queue, buffer, size) =>
        this.native.binding().functions.sora_queue_drain(queue, buffer, size),
      sora_peer_create: (_factory, _options, _length, out) => {
        (out as Uint32Array)[0] = PEER;
        queueMicrotask(() => this.become("CONNECTED"));
        return Result.OK;
      },
      sora_peer_set_remote_offer: (_peer, _sdp, _length, request) => this.#done(request, ""),
      sora_peer_create_answer: (_peer, request) => this.#done(request, "v=0"),
      sora_peer_get_stats: (_peer, request) => {
        this.statsAsked++;
        return this.#done(request, this.stats);
      },
      sora_peer_close: () => {
        queueMicrotask(() => this.native.push({ type: EventType.CLOSED, handle: PEER }));
        return Result.OK;
      },
    };
    const rest = { get: (from: object, name: string) => Reflect.get(from, name) ?? (() => 0) };
    return new Proxy(own, rest) as NativeFunctions;
  }
}
