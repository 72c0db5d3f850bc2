/**
 * The ends of connections: codes and messages, in the words of the other Sora SDKs.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import type { SoraSignalingErrorCode } from "../../base/errors.ts";
import { redactError, redactUrl, safeCause } from "../messages/redact.ts";
import type { SocketEnd } from "../socket/socket.ts";

/** `onWsClose`'s arguments. */
export interface WsClose {
  /** The code. */
  readonly code: number;
  /** The reason. */
  readonly reason: string;
}

/** The code and the message of `onDisconnect`, and their cause. */
export interface Ending {
  /** The code. */
  readonly code: SoraSignalingErrorCode;
  /** The message. */
  readonly message: string;
  /** The low-level error. */
  readonly cause?: unknown;
  /** The code and the reason that the server gave: in the close frame of the WebSocket, or in `close` over a data channel. */
  readonly close?: WsClose;
  /** The HTTP status of the handshake's refusal. */
  readonly httpStatus?: number;
}

/** The server announced the end by `close` over a data channel. */
export interface Announced {
  readonly mode: "announced";
  readonly code: number;
  readonly reason: string;
}

/**
 * How a connection closes that waits for the end of its WebSocket: `hybrid` with signaling over a data channel, `lost` when the
 * server has begun to close it.
 */
export type WebSocketClosing = { readonly mode: "websocket" | "hybrid" | "lost" } | Announced;

/** How a connection closes that waits for the end of its data channels. */
export type DataChannelClosing = { readonly mode: "datachannel" } | Announced;

/** Code and reason of `onWsClose` after a timeout. */
export const WAIT_TIMEOUT = { code: 4999, reason: "DISCONNECT-WAIT-TIMEOUT-ERROR" } as const;
/** Reason of `onWsClose` when this side closed the WebSocket because it was no longer needed. */
export const SELF_CLOSED = "SELF-CLOSED";

const GRACEFUL = "The WebSocket stream was gracefully closed at both endpoints";

/** The text of `ec` in the messages. */
function errorText(end: SocketEnd): string {
  return end.error === undefined ? GRACEFUL : redactError(end.error);
}

function details(end: SocketEnd): string {
  return `ec=${errorText(end)} wscode=${end.code} wsreason=${quoted(end.reason)}`;
}

/** No URL could be reached. @param proxyUrl The proxy, if one was used. */
export function handshakeFailed(
  end: SocketEnd,
  url: string,
  redirecting: boolean,
  proxyUrl: string | undefined,
): Ending {
  const proxy = proxyUrl === undefined ? "" : ` proxy_url=${redactUrl(proxyUrl)}`;
  const ec = end.error === undefined ? `closed with code ${end.code}` : errorText(end);
  return {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message: redirecting
      ? `Failed Websocket handshake in redirecting: ec=${ec} url=${redactUrl(url)}${proxy}`
      : `Failed Websocket handshake: last_ec=${ec} last_url=${redactUrl(url)}${proxy}`,
    cause: end.error,
    ...(end.httpStatus === undefined ? {} : { httpStatus: end.httpStatus }),
  };
}

/** The reason of the server's answer to `disconnect`. */
const ANSWER_TO_DISCONNECT = "TYPE-DISCONNECT";

/**
 * Whether the server's application or configuration requested this end, with a reason of its own (`DISCONNECTED-API`,
 * `LIFETIME-EXPIRED`). The answer to a `disconnect` that was never sent is no such reason, nor is an empty one.
 */
function isAsked({ code, reason }: WsClose): boolean {
  return code === 1000 && reason !== "" && reason !== ANSWER_TO_DISCONNECT;
}

/**
 * The WebSocket ended although this side had not sent `disconnect`.
 *
 * @param switched Signaling had moved to data channels.
 * @param asked Whether the end was requested, if that is known from elsewhere.
 */
export function webSocketLost(
  end: SocketEnd,
  switched: boolean,
  asked: boolean = isAsked(end),
): Ending {
  if (end.code === 1000 && asked) {
    const what = switched ? "WebSocket and DataChannel" : "WebSocket";
    return {
      code: "CLOSE_SUCCEEDED",
      message: `Succeeded to close ${what} from server: ${details(end)}`,
    };
  }
  return {
    code: end.code === 0 ? "WEBSOCKET_ONERROR" : "WEBSOCKET_ONCLOSE",
    message: `Failed to read WebSocket: ${details(end)}`,
    cause: end.error,
  };
}

/** The WebSocket ended while the connection was closing. */
export function webSocketClosed(end: SocketEnd, closing: WebSocketClosing): Ending {
  const inOrder = end.error === undefined;
  if (closing.mode === "announced" && inOrder) {
    return webSocketLost(end, true, closing.code === 1000);
  }
  if (closing.mode === "websocket") {
    return inOrder
      ? {
        code: "CLOSE_SUCCEEDED",
        message: "Succeeded to close WebSocket (DC signaling is not enabled)",
      }
      : {
        code: "CLOSE_FAILED",
        message: `Failed to close WebSocket: ${details(end)}`,
        cause: end.error,
      };
  }
  return inOrder
    ? { code: "CLOSE_SUCCEEDED", message: "Succeeded to close Websocket (DC signaling is enabled)" }
    : {
      code: "CLOSE_FAILED",
      message: `Failed to close WebSocket (Close timeout): ${details(end)}`,
      cause: end.error,
    };
}

/** All data channels closed. @param closing Undefined when neither side had announced the end. */
export function dataChannelsClosed(closing: DataChannelClosing | undefined): Ending {
  if (closing?.mode === "announced") {
    const { code, reason } = closing;
    return code === 1000
      ? {
        code: "CLOSE_SUCCEEDED",
        message: `Succeeded to close DataChannel: reason=${quoted(reason)}`,
      }
      : {
        code: "CLOSE_FAILED",
        message: `Failed to close DataChannel: code=${code} ec=Success`,
        close: { code, reason },
      };
  }
  return closing === undefined
    ? {
      code: "CLOSE_FAILED",
      message: "All DataChannels were closed by the server without a close message",
    }
    : { code: "CLOSE_SUCCEEDED", message: "Succeeded to close DataChannel" };
}

/** The data channels did not close in time, or `disconnect` could not be sent. */
export function dataChannelsNotClosed(problem: string): Ending {
  return { code: "CLOSE_FAILED", message: `Failed to close DataChannel: ec=${problem}` };
}

/** `disconnect` could not be written to the WebSocket. */
export function disconnectNotWritten(): Ending {
  return {
    code: "CLOSE_FAILED",
    message: "Failed to write disconnect message to close WebSocket: " +
      "ec=The WebSocket is not open or its send buffer is full",
  };
}

/** The WebSocket is gone, and so are all data channels, or they have never been open. */
export function alreadyReleased(): Ending {
  return { code: "INTERNAL_ERROR", message: "Unknown state. WS and DC is already released." };
}

/** The peer connection failed. */
export const PEER_FAILED: Ending = {
  code: "PEER_CONNECTION_STATE_FAILED",
  message: "PeerConnectionState::kFailed",
};

/** This machine's address changed, and the peer connection was not there again in time. */
export function addressLost(waitedMs: number): Ending {
  return {
    code: "PEER_CONNECTION_STATE_FAILED",
    message: "The address of this machine changed, and the peer connection did not come back " +
      `within ${waitedMs} ms`,
  };
}

/** All data channels were lost while the WebSocket is open, and the server did not end the connection in time. */
export function associationLost(waitedMs: number): Ending {
  return {
    code: "CLOSE_FAILED",
    message: "All DataChannels were lost while the WebSocket was open, and the server did not " +
      `end the connection within ${waitedMs} ms`,
  };
}

/** Joins the reason why this side ended the connection with the result of closing it. */
export function forcedEnding(root: Ending, closed: Ending): Ending {
  return {
    code: root.code,
    message: `${root.message}, internal_message=${closed.message}`,
    cause: root.cause,
    ...(closed.close === undefined ? {} : { close: closed.close }),
  };
}

/** The first offer is broken. */
export function invalidOffer(problem: string): Ending {
  return { code: "INTERNAL_ERROR", message: `Invalid offer message: ${problem}` };
}

/** `connect` is too long for the WebSocket. */
export function connectTooLong(bytes: number): Ending {
  return {
    code: "INTERNAL_ERROR",
    message: `Failed to send connect: its ${bytes} bytes, metadata included, are more than the ` +
      "WebSocket takes at once",
  };
}

/** A message that the connection depends on could not be sent. */
export function notSent(what: string, error: unknown): Ending {
  const message = `Failed to send ${what}`;
  if (error === undefined) return { code: "INTERNAL_ERROR", message };
  return {
    code: "INTERNAL_ERROR",
    message: `${message}: error=${redactError(error)}`,
    cause: safeCause(error),
  };
}

/** The peer connection could not be made. */
export function peerNotCreated(error: unknown): Ending {
  return {
    code: "INTERNAL_ERROR",
    message: `Failed to create PeerConnection: error=${redactError(error)}`,
    cause: safeCause(error),
  };
}

/** The SDP of an offer was refused, or no answer could be made. */
export function offerRefused(step: string, type: string, via: string, error: unknown): Ending {
  return {
    code: "ICE_FAILED",
    message: `Failed to ${step} in ${type} message via ${via}: error=${redactError(error)}`,
    cause: safeCause(error),
  };
}

/** The server offers faster than this side answers. */
export const TOO_MANY_OFFERS: Ending = {
  code: "INTERNAL_ERROR",
  message: "Too many re-offers wait to be answered",
};

/** A local candidate is not one line of text. */
export const INVALID_CANDIDATE: Ending = {
  code: "INTERNAL_ERROR",
  message: "Failed to serialize candidate",
};

/** Signaling did not move to data channels in time. */
export function notSwitched(ms: number): Ending {
  return {
    code: "INTERNAL_ERROR",
    message: `DataChannel signaling timeout: not switched within ${ms} ms`,
  };
}

/** Messages of signaling were lost on a data channel. */
export function messagesLost(label: string): Ending {
  return {
    code: "INTERNAL_ERROR",
    message: `Messages on the data channel ${label} were lost: the JavaScript thread was ` +
      "busy for too long to take them",
  };
}
