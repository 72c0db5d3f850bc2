/**
 * One attempt to connect, and the connection it leads to. Everything it owns ends with it, so a later attempt never sees its
 * events.
 *
 * @module
 */

import { Dial, shuffled } from "../socket/dial.ts";
import type { SessionContext } from "./context.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { type Ending, handshakeFailed, SELF_CLOSED, type WsClose } from "./ending.ts";
import { SoraError } from "../../base/errors.ts";
import { dispatch, Reporter } from "./handlers.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import { redactUrl } from "../messages/redact.ts";
import { isSignalingUrl, leavesTls } from "../options/signaling_url.ts";
import { Timeline } from "./timeline.ts";
import type { SocketRequest } from "../socket/socket.ts";
import { socketRequest } from "../socket/request.ts";

/** The longest wait for the peer connection to close, in milliseconds. */
export const PEER_CLOSE_TIMEOUT_MS = 1_000;

/** Settings and callbacks of an {@link Attempt}. */
export interface AttemptOptions {
  /** Aborts connecting. */
  readonly signal: AbortSignal | undefined;
  /** Resolves when the attempt before this one has ended. */
  readonly previous: Promise<void>;
  /** Whether there is such an attempt. */
  readonly waits: boolean;
  /** Called when it is connected, right before `settled` resolves. */
  readonly onConnected: () => void;
  /** Called when it has ended, right before `settled` rejects. */
  readonly onFinished: (ending: Ending) => void;
}

/** One attempt to connect. */
export class Attempt implements ConnectionOwner {
  /** Resolves when connected; rejects when it ends first. */
  readonly settled: Promise<void>;
  /** The timeline. */
  readonly timeline: Timeline;
  /** Calls handlers until the end. */
  readonly reporter: Reporter;
  readonly #context: SessionContext;
  readonly #options: AttemptOptions;
  readonly #settle: { connected: () => void; failed: (error: unknown) => void };
  readonly #dials: Dial[] = [];
  #connection: Connection | undefined;
  #leaving: ManagedSocket | undefined;
  #contactUrl: string | undefined;
  /** The URL of the present server. */
  #url: string | undefined;
  #redirects = 0;
  #state: "connecting" | "connected" | "ended" = "connecting";
  /** Connecting took too long. */
  #late = false;
  #cancelDeadline: () => void;

  /** Starts once the attempt before this one has ended. */
  constructor(context: SessionContext, options: AttemptOptions) {
    this.#context = context;
    this.#options = options;
    this.timeline = new Timeline(context.clock);
    this.reporter = new Reporter(context.handlers);
    this.timeline.begin("previous");
    const connected = Promise.withResolvers<void>();
    this.settled = connected.promise;
    this.#settle = { connected: connected.resolve, failed: connected.reject };
    const { webSocketConnectionTimeoutMs } = context.options;
    this.#cancelDeadline = context.clock.after(
      webSocketConnectionTimeoutMs,
      () => this.#tooLate(webSocketConnectionTimeoutMs),
    );
    options.signal?.addEventListener("abort", this.#abort);
    void options.previous.then(() => this.#start());
  }

  /** The connection, from the answer of a server until the end. */
  get connection(): Connection | undefined {
    return this.#state === "ended" ? undefined : this.#connection;
  }

  /** The first server that answered, until the end. */
  get contactUrl(): string | undefined {
    return this.#state === "ended" ? undefined : this.#contactUrl;
  }

  /** The server that it is connected to, after redirects, until the end. */
  get url(): string | undefined {
    return this.#state === "ended" ? undefined : this.#url;
  }

  /** The state, as `SignalingSession.state`. */
  get state(): "connecting" | "connected" | "disconnecting" {
    if (this.#state === "ended" || this.#connection?.isClosing === true) return "disconnecting";
    return this.reporter.isMuted ? "disconnecting" : this.#state;
  }

  /** Ends it in an orderly way; `onFinished` reports when it has ended. */
  close(): void {
    if (this.#connection !== undefined) {
      this.#cancelDeadline();
      this.#connection.close();
    } else {
      this.#fail({ code: "CLOSE_SUCCEEDED", message: "Close was called in connecting" });
    }
  }

  readonly #abort = (): void => {
    this.reporter.mute();
    this.#settle.failed(this.#options.signal!.reason);
    this.close();
  };

  #stopConnecting(): void {
    this.#cancelDeadline();
    this.#options.signal?.removeEventListener("abort", this.#abort);
  }

  #start(): void {
    if (this.#state === "ended") return;
    const { options, random } = this.#context;
    if (this.#options.waits) this.timeline.end("previous");
    this.#dial(shuffled(options.signalingUrls, random));
  }

  #dial(urls: readonly string[]): void {
    this.timeline.begin("websocket");
    const { options, createSocket, clock, limits, client } = this.#context;
    const redirecting = this.#redirects > 0;
    const request = (url: string): SocketRequest =>
      socketRequest(url, options, client, limits.maxNotifyBytes);
    this.#dials.push(
      new Dial({
        urls,
        request,
        createSocket,
        clock,
        closeTimeoutMs: options.webSocketCloseTimeoutMs,
        onConnected: (socket, url) => this.#talk(socket, url),
        onFailed: ({ url, end }) => {
          this.#fail(handshakeFailed(end, url, redirecting, request(url).proxy?.url));
        },
      }),
    );
  }

  #talk(socket: ManagedSocket, url: string): void {
    this.timeline.end("websocket", redactUrl(url));
    this.#contactUrl ??= url;
    this.#url = url;
    this.#connection = new Connection(this.#context, this, socket);
    this.#connection.start(this.#redirects > 0);
  }

  /** The connection is connected. */
  connected(): void {
    this.#state = "connected";
    this.#stopConnecting();
    this.#options.onConnected();
    this.#settle.connected();
  }

  /** The server asks to connect elsewhere. */
  redirect(location: string, text: string): void {
    this.reporter.emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", text);
    const connection = this.#connection;
    if (this.#state === "ended" || connection === undefined || connection.isClosing) return;
    const { limits, options } = this.#context;
    this.#redirects++;
    if (this.#redirects > limits.maxRedirects) {
      connection.close({
        code: "INTERNAL_ERROR",
        message: `Too many redirects: limit=${limits.maxRedirects}`,
      });
      return;
    }
    const socket = connection.handOver();
    if (socket === undefined) return;
    this.#connection = undefined;
    this.#leaving = socket;
    this.timeline.begin("redirect");
    socket.events = {
      onOpen: () => {},
      onText: () => {},
      onBinary: () => {},
      onEnd: (end, timedOut) => {
        this.#leaving = undefined;
        const code = timedOut || end.error !== undefined ? 4999 : 1000;
        this.reporter.emit("onWsClose", code, SELF_CLOSED);
        this.timeline.end("redirect", redactUrl(location));
        this.#follow(location);
      },
    };
    socket.close(1000, "", options.webSocketCloseTimeoutMs);
  }

  #follow(location: string): void {
    if (this.#state === "ended") return;
    const invalid = `Invalid URL: url=${redactUrl(location)}`;
    if (!isSignalingUrl(location)) {
      this.#fail({ code: "INVALID_PARAMETER", message: invalid });
    } else if (leavesTls(this.#url!, location)) {
      const message = `${invalid}: a redirect must not lead from wss: to ws:`;
      this.#fail({ code: "INVALID_PARAMETER", message });
    } else {
      this.#dial([location]);
    }
  }

  #tooLate(ms: number): void {
    // The end has begun already and has timeouts of its own.
    if (this.#connection?.isClosing === true) return;
    this.#late = true;
    const missing = this.#connection?.missing;
    let cut = false;
    let message = this.#redirects > 0 ? "Connection timeout in redirection" : "Connection timeout";
    if (missing !== undefined) {
      message = `Connection timeout: ${missing} did not come within ${ms} ms`;
      cut = this.#connection!.abandon();
    }
    this.ended({ code: "INTERNAL_ERROR", message }, undefined, cut);
  }

  /** The connection, or the attempt to have one, has ended. */
  ended(ending: Ending, close: WsClose | undefined, cut: boolean): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.reporter.end();
    this.timeline.add({ kind: "end", code: ending.code });
    this.#stopConnecting();
    for (const dial of this.#dials) dial.abort();
    this.#leaving?.terminate();
    const { handlers } = this.#context;
    if (close !== undefined) dispatch(handlers, "onWsClose", close.code, close.reason);
    else if (cut) dispatch(handlers, "onWsClose", 4999, SELF_CLOSED);
    void this.#finish(close === undefined ? ending : { ...ending, close });
  }

  #fail(ending: Ending): void {
    this.ended(ending, undefined, false);
  }

  async #finish(ending: Ending): Promise<void> {
    await this.#options.previous;
    const closed = this.#closePeer();
    // The peer connection finishes by itself.
    if (!this.#late) await closed;
    this.#options.onFinished(ending);
    const { code, message, cause } = ending;
    this.#settle.failed(new SoraError(code, message, cause === undefined ? {} : { cause }));
  }

  async #closePeer(): Promise<void> {
    const peer = this.#connection?.transports.peer;
    if (peer === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#context.clock.after(PEER_CLOSE_TIMEOUT_MS, resolve);
    try {
      peer.close().then(resolve, resolve);
      await promise;
    } catch {
      // A peer that cannot even start to close has nothing more to report.
    } finally {
      cancel();
    }
  }
}
