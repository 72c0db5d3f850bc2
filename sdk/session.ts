/**
 * The session of a connection, over WebSockets and the native peer connection.
 *
 * @module
 */

import {
  type CheckedSignalingOptions,
  createWebSocket,
  type DataChannelObserver,
  type SessionObserver,
  type SignalingHandlers,
  SignalingSession,
} from "../signaling/mod.ts";
import { clientInformation } from "./client.ts";
import type { ConnectionMedia } from "./connection_media.ts";
import type { NativeHandle } from "./native/handle.ts";
import { nativePeerFactory } from "./peer/peer.ts";
import { turnSettings } from "./peer/turn_settings.ts";

/** What a session needs of its connection. */
export interface SessionParts {
  /** Checked options. */
  readonly options: CheckedSignalingOptions;
  /** The connection. */
  readonly handlers: SignalingHandlers;
  /** What it sends, and where received tracks go. */
  readonly media: ConnectionMedia;
  /** Observes data channels. */
  readonly dataChannels: DataChannelObserver;
  /** Observes the session. */
  readonly observer: SessionObserver;
}

/** Makes the session of a connection. */
export function openSession(
  factory: NativeHandle,
  { options, handlers, media, dataChannels, observer }: SessionParts,
): SignalingSession {
  return new SignalingSession({
    options,
    handlers,
    dataChannels,
    observer,
    client: clientInformation(factory.realm),
    createSocket: createWebSocket,
    createPeer: nativePeerFactory(factory, media, turnSettings(options)),
  });
}
