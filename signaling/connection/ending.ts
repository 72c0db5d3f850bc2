/**
 * How connections end, in the words that users of the other Sora SDKs know.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import type { SoraSignalingErrorCode } from "../../base/errors.ts";
import { redactError, redactUrl } from "../messages/redact.ts";
import type { SocketEnd } from "../socket/socket.ts";

/** `onWsClose`'s arguments. */
export interface WsClose {
  /** The code. */
  readonly code: number;
  /** The reason. */
  readonly reason: string;
}

/** The code and the message of `onDisconnect`, and what led to it. */
export interface Ending {
  /** The code. */
  readonly code: SoraSignalingErrorCode;
  /** The message. */
  readonly message: string;
  /** The low-level error. */
  readonly cause?: unknown;
  /** What the server said of the end: by the close of the WebSocket, or by `close` over a data channel. */
  readonly close?: WsClose;
  /** The HTTP status that the handshake was refused with. */
  readonly httpStatus?: number;
}

/**
 * What is waited for while a connection closes: the end of the WebSocket (`websocket`, `hybrid`; the latter with data channel
 * signaling), also when the server has begun to close it (`lost`), of all data channels (`datachannel`), or of either after
 * the server announced it by `close` over a data channel.
 */
export type Closing =
  | { readonly mode: "websocket" | "hybrid" | "datachannel" | "lost" }
  | {
    readonly mode: "announced-websocket" | "announced-datachannel";
    readonly code: number;
    readonly reason: string;
  };

/** Code and reason of `onWsClose` when this side gave up waiting. */
export const WAIT_TIMEOUT = { code: 4999, reason: "DISCONNECT-WAIT-TIMEOUT-ERROR" } as const;
/** Reason of `onWsClose` when this side closed because the WebSocket was not needed any more. */
export const SELF_CLOSED = "SELF-CLOSED";

const GRACEFUL = "The WebSocket stream was gracefully closed at both endpoints";

/** The text that stands for `ec` in the messages. */
export function errorText(end: SocketEnd): string {
  return end.error === undefined ? GRACEFUL : redactError(end.error);
}

function details(end: SocketEnd): string {
  return `ec=${errorText(end)} wscode=${end.code} wsreason=${quoted(end.reason)}`;
}

/** No URL could be reached. `proxyUrl` is the proxy, if one was used. */
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
 * Whether somebody on the server's side asked for this end: its application or its configuration, with a reason of its own
 * (`DISCONNECTED-API`, `LIFETIME-EXPIRED`). The answer to a `disconnect` that was never sent is none, nor is silence.
 */
function isAsked({ code, reason }: WsClose): boolean {
  return code === 1000 && reason !== "" && reason !== ANSWER_TO_DISCONNECT;
}

/**
 * The WebSocket ended although this side had not told the server to. `switched`: signaling had moved to data channels;
 * `asked`: whether somebody asked for the end, when that is known from elsewhere.
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
export function webSocketClosed(end: SocketEnd, closing: Closing): Ending {
  const inOrder = end.error === undefined;
  const { mode } = closing;
  if (mode === "announced-websocket" && inOrder) {
    return webSocketLost(end, true, closing.code === 1000);
  }
  if (mode === "websocket") {
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

/** All data channels closed. `closing` is undefined when neither side had said that it would end. */
export function dataChannelsClosed(closing: Closing | undefined): Ending {
  if (closing?.mode === "announced-datachannel") {
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

/** The data channels did not close in time, or could not be told to. */
export function dataChannelsNotClosed(problem: string): Ending {
  return { code: "CLOSE_FAILED", message: `Failed to close DataChannel: ec=${problem}` };
}

/** All data channels are gone, the WebSocket is not, and the server did not say why in time. */
export function associationLost(waitedMs: number): Ending {
  return {
    code: "CLOSE_FAILED",
    message: "All DataChannels were lost while the WebSocket was open, and the server did not " +
      `end the connection within ${waitedMs} ms`,
  };
}

/** Joins what made this side end the connection with how the closing went. */
export function forcedEnding(root: Ending, closed: Ending): Ending {
  return {
    code: root.code,
    message: `${root.message}, internal_message=${closed.message}`,
    cause: root.cause,
    ...(closed.close === undefined ? {} : { close: closed.close }),
  };
}
