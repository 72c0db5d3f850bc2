/**
 * The error classes of the library and their stable codes.
 *
 * @module
 */

/** How a connection ended: the code of `onDisconnect`. */
export const SoraSignalingErrorCode = {
  /** The connection ended in order, as this side or the server's application requested. */
  CLOSE_SUCCEEDED: "CLOSE_SUCCEEDED",
  /**
   * `disconnect()` was called, but the server did not finish in time or the transport broke meanwhile; or all data channels
   * were lost although neither side requested the end.
   */
  CLOSE_FAILED: "CLOSE_FAILED",
  /** A timeout, or a failure that this library cannot recover from. */
  INTERNAL_ERROR: "INTERNAL_ERROR",
  /** An address from the server is not allowed: not `ws:` or `wss:`, or a redirect from `wss:` to `ws:`. */
  INVALID_PARAMETER: "INVALID_PARAMETER",
  /** No signaling URL could be reached (TCP, TLS, proxy or HTTP). */
  WEBSOCKET_HANDSHAKE_FAILED: "WEBSOCKET_HANDSHAKE_FAILED",
  /** The server closed the WebSocket with a code other than 1000, 4490 for instance, or without a request to end. */
  WEBSOCKET_ONCLOSE: "WEBSOCKET_ONCLOSE",
  /** The WebSocket broke without a close frame. */
  WEBSOCKET_ONERROR: "WEBSOCKET_ONERROR",
  /** The peer connection's state became `failed`. */
  PEER_CONNECTION_STATE_FAILED: "PEER_CONNECTION_STATE_FAILED",
  /** libwebrtc refused an SDP or could not create an answer. */
  ICE_FAILED: "ICE_FAILED",
} as const;

/** How a connection ended: the code of `onDisconnect`. */
export type SoraSignalingErrorCode =
  typeof SoraSignalingErrorCode[keyof typeof SoraSignalingErrorCode];

/** Codes that are not about the end of a connection. */
export type SoraLibraryErrorCode =
  /** The object was closed, or the connection ended while the call was under way. */
  | "CLOSED"
  /** The call is not allowed in the current state. */
  | "INVALID_STATE"
  /** A limit that keeps memory bounded was reached. */
  | "LIMIT_EXCEEDED"
  /** A response did not come in time. */
  | "TIMEOUT"
  /** The server answered a remote procedure call with an error. */
  | "RPC_ERROR"
  /** The native library was not found or cannot be loaded. */
  | "LIBRARY_NOT_FOUND"
  /** The version of the native library is not that of this package. */
  | "ABI_MISMATCH"
  /** The native library refused a call. */
  | "NATIVE_ERROR"
  /** An encoder or decoder of an engine over a device gave up. */
  | "CODEC_FAILED"
  /** ffmpeg is not installed. */
  | "FFMPEG_NOT_FOUND"
  /** ffmpeg refused its input or output, or ended early. */
  | "FFMPEG_FAILED"
  /** A camera, a microphone or a loudspeaker is not there, cannot be opened, or gave up. */
  | "DEVICE_FAILED"
  /** This platform, runtime or build does not support the request. */
  | "UNSUPPORTED";

/** Every code of {@link SoraError}. */
export type SoraErrorCode = SoraSignalingErrorCode | SoraLibraryErrorCode;

/**
 * Every failure but a wrong argument (`TypeError`, `RangeError`). Messages never contain secrets.
 *
 * @example
 * ```ts
 * import { Sora, SoraError } from "sora-ffi";
 *
 * await using sora = new Sora();
 * await using connection = sora.createConnection({
 *   signalingUrls: ["ws://127.0.0.1:9/signaling"], // where nothing listens
 *   channelId: "room",
 *   role: "recvonly",
 * });
 * try {
 *   await connection.connect();
 * } catch (error) {
 *   if (!(error instanceof SoraError)) throw error;
 *   console.log(error.code); // WEBSOCKET_HANDSHAKE_FAILED
 * }
 * ```
 */
export class SoraError extends Error {
  /** `SoraError`, or the name of a class derived from it. */
  override readonly name: string = "SoraError";
  /** What went wrong, stable across versions. */
  readonly code: SoraErrorCode;

  /**
   * An error with a stable code.
   *
   * @param code What went wrong.
   * @param message What was requested, what the state is, what to do.
   * @param options `cause`: the low-level error.
   */
  constructor(code: SoraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The server's error response to a remote procedure call (JSON-RPC 2.0, section 5.1).
 *
 * @example
 * ```ts
 * import { Sora, SoraRpcError } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "recvonly",
 *   dataChannelSignaling: true,
 * });
 * await connection.connect();
 * try {
 *   await connection.rpc("NoSuchMethod");
 * } catch (error) {
 *   if (!(error instanceof SoraRpcError)) throw error;
 *   console.log(error.rpcCode); // -32601
 * }
 * ```
 */
export class SoraRpcError extends SoraError {
  /** `SoraRpcError`. */
  override readonly name: string = "SoraRpcError";
  /** JSON-RPC's error code, -32601 (method not found) for instance. */
  readonly rpcCode: number;
  /** The error's data from the server. */
  readonly data: unknown;

  /**
   * The server's error response.
   *
   * @param rpcCode JSON-RPC's error code.
   * @param message The server's text.
   * @param data The error's data from the server.
   */
  constructor(rpcCode: number, message: string, data: unknown) {
    super("RPC_ERROR", message);
    this.rpcCode = rpcCode;
    this.data = data;
  }
}
