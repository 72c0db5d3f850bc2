/**
 * What the page of the browser tests can do, as tests call it: everything that goes in and out is JSON.
 *
 * @module
 */

import type { FrameStyle } from "../../support/frame.ts";

/** How a member joins by the browser SDK. */
export interface JoinOptions {
  /** Signaling URLs. */
  readonly urls: readonly string[];
  readonly role: "sendrecv" | "sendonly" | "recvonly" | "messaging";
  readonly channelId: string;
  /** The metadata of `connect`. */
  readonly metadata?: unknown;
  /** The options of the browser SDK. */
  readonly options?: object;
  /** Numbered frames that it sends, or none. */
  readonly frame?: FrameStyle;
  /** Tones that it sends, one for each channel in Hz, or none. */
  readonly tones?: readonly number[];
}

/** A frame that was received. */
export interface SeenFrame {
  /** The number in its pixels. */
  readonly number: number;
  /** Which sender's colours it has. */
  readonly turn: number;
  readonly width: number;
  readonly height: number;
}

/** What is received from one other member. */
export interface Reception {
  /** Frames that were shown. */
  readonly frames: number;
  /** The last of them. */
  readonly last: readonly SeenFrame[];
  /** The strongest tone now in Hz in the left and the right channel, 0 for silence; none without an audio track. */
  readonly tones: readonly number[];
}

/** What happened to a member, each in order. */
export interface Happened {
  /** Signaling: transport, direction where it is known, and type, as in `websocket onmessage-offer`. */
  readonly signaling: readonly string[];
  readonly notify: readonly Readonly<Record<string, unknown>>[];
  readonly push: readonly unknown[];
  /** `switched`: its `ignore_disconnect_websocket`. */
  readonly switched: readonly boolean[];
  /** Labels of open data channels for messages. */
  readonly channels: readonly string[];
  /** Messages, in base64. */
  readonly messages: readonly { readonly label: string; readonly base64: string }[];
  /** Ends: `normal` or `abend`, title, code and reason. */
  readonly ends: readonly {
    readonly type: string;
    readonly title: string;
    readonly code?: number;
    readonly reason?: string;
  }[];
  /** Stream ids of members whose tracks are there. */
  readonly streams: readonly string[];
}

/** What a browser has of a codec. */
export type CodecSides = { readonly encoder: boolean; readonly decoder: boolean };

/** The functions of the page. `id` is a member's connection id. */
export interface PageApi {
  /** What the browser has of a video codec. */
  codec(name: string): CodecSides;
  /** Connects a member and waits until the SDK reports it connected; resolves with the connection id. */
  join(options: JoinOptions): Promise<string>;
  /** The end that an attempt to connect comes to. */
  refusal(options: JoinOptions): Promise<string>;
  /** What `id` receives from the member `from`. */
  received(id: string, from: string): Reception;
  /** What happened to `id`. */
  happened(id: string): Happened;
  /** The URL that it connected to in the end. */
  url(id: string): string;
  send(id: string, label: string, base64: string): Promise<void>;
  rpc(id: string, method: string, params: object): Promise<unknown>;
  /** The statistics of its peer connection. */
  stats(id: string): Promise<Readonly<Record<string, unknown>>[]>;
  disconnect(id: string): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}
