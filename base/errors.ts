/**
 * The one error class of the library and its stable codes. It lives here because `signaling/` is the lowest layer
 * that raises it; `ffi/` and `sdk/` import it from here.
 *
 * @module
 */

/** How a connection ended: the code of `onDisconnect`. */
export const SoraSignalingErrorCode = {
  /** The connection ended in order, because somebody asked for it: this side, or the server's application. */
  CLOSE_SUCCEEDED: "CLOSE_SUCCEEDED",
  /**
   * `disconnect()` was called, but the server did not finish in time or the transport broke meanwhile; or all data channels
   * were lost although nobody asked for an end.
   */
  CLOSE_FAILED: "CLOSE_FAILED",
  /** A timeout, or something this library could not go on with. */
  INTERNAL_ERROR: "INTERNAL_ERROR",
  /** An address given by the server cannot be used: not `ws:` or `wss:`, or a redirect from `wss:` to `ws:`. */
  INVALID_PARAMETER: "INVALID_PARAMETER",
  /** No signaling URL could be reached (TCP, TLS, proxy or HTTP). */
  WEBSOCKET_HANDSHAKE_FAILED: "WEBSOCKET_HANDSHAKE_FAILED",
  /** The server closed the WebSocket with a code other than 1000, 4490 for instance, or although nobody asked for an end. */
  WEBSOCKET_ONCLOSE: "WEBSOCKET_ONCLOSE",
  /** The WebSocket broke without a close frame. */
  WEBSOCKET_ONERROR: "WEBSOCKET_ONERROR",
  /** The peer connection's state became `failed`. */
  PEER_CONNECTION_STATE_FAILED: "PEER_CONNECTION_STATE_FAILED",
  /** An SDP was refused or no answer could be made. */
  ICE_FAILED: "ICE_FAILED",
} as const;

/** How a connection ended: the code of `onDisconnect`. */
export type SoraSignalingErrorCode =
  typeof SoraSignalingErrorCode[keyof typeof SoraSignalingErrorCode];

/** Codes that are not about the end of a connection. */
export type SoraLibraryErrorCode =
  /** The object was closed, or the connection ended while the call was under way. */
  | "CLOSED"
  /** The call is not legal in the present state. */
  | "INVALID_STATE"
  /** A limit that keeps memory bounded was reached. */
  | "LIMIT_EXCEEDED"
  /** An answer did not come in time. */
  | "TIMEOUT"
  /** The server answered a remote procedure call with an error. */
  | "RPC_ERROR"
  /** The native library was not found or cannot be loaded. */
  | "LIBRARY_NOT_FOUND"
  /** The native library is of another version than this package. */
  | "ABI_MISMATCH"
  /** The native library refused a call. */
  | "NATIVE_ERROR"
  /** This platform, runtime or build lacks what was asked for. */
  | "UNSUPPORTED";

/** Every code of {@link SoraError}. */
export type SoraErrorCode = SoraSignalingErrorCode | SoraLibraryErrorCode;

/** Everything that goes wrong and is not a wrong argument (`TypeError`, `RangeError`). Messages never contain secrets. */
export class SoraError extends Error {
  /** `SoraError`, or the name of a class derived from it. */
  override readonly name: string = "SoraError";
  /** What went wrong, stable over versions. */
  readonly code: SoraErrorCode;

  /**
   * An error with a stable code.
   *
   * @param code What went wrong.
   * @param message What was asked, what the state is, what to do.
   * @param options `cause`: the low-level error.
   */
  constructor(code: SoraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The server's error answer to a remote procedure call (JSON-RPC 2.0, section 5.1). */
export class SoraRpcError extends SoraError {
  /** `SoraRpcError`. */
  override readonly name: string = "SoraRpcError";
  /** JSON-RPC's error code, -32601 (method not found) for instance. */
  readonly rpcCode: number;
  /** Whatever the server sent along. */
  readonly data: unknown;

  /**
   * The server's error answer.
   *
   * @param rpcCode JSON-RPC's error code.
   * @param message The server's text.
   * @param data Whatever the server sent along.
   */
  constructor(rpcCode: number, message: string, data: unknown) {
    super("RPC_ERROR", message);
    this.rpcCode = rpcCode;
    this.data = data;
  }
}
