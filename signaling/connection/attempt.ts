/**
 * One attempt to connect, and the connection it leads to. Everything it owns ends with it, so that a later attempt can never
 * see its events.
 *
 * @module
 */

import { Contact, shuffled } from "../socket/dial.ts";
import type { SessionContext } from "./context.ts";
import { Dialogue } from "./dialogue.ts";
import { type Ending, handshakeFailed, SELF_CLOSED, type WsClose } from "./ending.ts";
import { SoraError } from "../../base/errors.ts";
import { dispatch } from "./handlers.ts";
import type { Emit } from "./incoming.ts";
import type { ManagedSocket } from "../socket/managed_socket.ts";
import { redactUrl } from "../messages/redact.ts";
import { isSignalingUrl, leavesTls } from "../options/signaling_url.ts";
import { Timeline } from "./timeline.ts";
import type { SocketRequest } from "../socket/socket.ts";
import { socketRequest } from "../socket/request.ts";

/** How long closing the peer connection may take before it is left to itself, in milliseconds. */
export const PEER_CLOSE_TIMEOUT_MS = 1_000;

/** What an attempt needs besides the session's own. */
export interface AttemptOptions {
  /** Gives up connecting. */
  readonly signal: AbortSignal | undefined;
  /** Resolves when the attempt before this one has ended. */
  readonly previous: Promise<void>;
  /** Whether there is one that has not. */
  readonly waits: boolean;
  /** It is connected; called right before `connected` resolves. */
  readonly onConnected: () => void;
  /** It has ended; called right before `connected` rejects. */
  readonly onFinished: (ending: Ending) => void;
}

/** One attempt to connect. */
export class Attempt {
  /** Resolves when connected; rejects when it ends first. */
  readonly connected: Promise<void>;
  /** What happened when. */
  readonly timeline: Timeline;
  readonly #context: SessionContext;
  readonly #options: AttemptOptions;
  readonly #settle: { connected: () => void; failed: (error: unknown) => void };
  readonly #contacts: Contact[] = [];
  #dialogue: Dialogue | undefined;
  #leaving: ManagedSocket | undefined;
  #contactUrl: string | undefined;
  /** Where the present server is. */
  #url: string | undefined;
  #redirects = 0;
  #state: "connecting" | "connected" | "ended" = "connecting";
  #muted = false;
  /** It took longer than it may. */
  #late = false;
  #cancelDeadline: () => void;

  /** Starts once the attempt before this one has ended. */
  constructor(context: SessionContext, options: AttemptOptions) {
    this.#context = context;
    this.#options = options;
    this.timeline = new Timeline(context.clock);
    this.timeline.begin("previous");
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.#settle = { connected: connected.resolve, failed: connected.reject };
    const { webSocketConnectionTimeoutMs } = context.options;
    this.#cancelDeadline = context.clock.after(
      webSocketConnectionTimeoutMs,
      () => this.#tooLate(webSocketConnectionTimeoutMs),
    );
    options.signal?.addEventListener("abort", this.#abort);
    void options.previous.then(() => this.#start());
  }

  /** The conversation, from when a server has answered until the end. */
  get dialogue(): Dialogue | undefined {
    return this.#state === "ended" ? undefined : this.#dialogue;
  }

  /** The first server that answered, until the end. */
  get contactUrl(): string | undefined {
    return this.#state === "ended" ? undefined : this.#contactUrl;
  }

  /** The server that it is connected to, after redirects, until the end. */
  get url(): string | undefined {
    return this.#state === "ended" ? undefined : this.#url;
  }

  /** Where it stands. */
  get state(): "connecting" | "connected" | "disconnecting" {
    if (this.#state === "ended" || this.#dialogue?.isClosing === true) return "disconnecting";
    return this.#muted ? "disconnecting" : this.#state;
  }

  /** Ends it in order; `onFinished` tells when. */
  close(): void {
    if (this.#dialogue !== undefined) {
      this.#cancelDeadline();
      this.#dialogue.close();
    } else {
      this.#end({ code: "CLOSE_SUCCEEDED", message: "Close was called in connecting" });
    }
  }

  readonly #emit: Emit = (event, ...args) => {
    if (this.#state === "ended" || (this.#muted && event !== "onWsClose")) return;
    dispatch(this.#context.handlers, event, ...args);
  };

  readonly #abort = (): void => {
    this.#muted = true;
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
    this.#contacts.push(
      new Contact({
        urls,
        request,
        createSocket,
        clock,
        closeTimeoutMs: options.webSocketCloseTimeoutMs,
        onConnected: (socket, url) => this.#talk(socket, url),
        onFailed: ({ url, end }) => {
          this.#end(handshakeFailed(end, url, redirecting, request(url).proxy?.url));
        },
      }),
    );
  }

  #talk(socket: ManagedSocket, url: string): void {
    this.timeline.end("websocket", redactUrl(url));
    this.#contactUrl ??= url;
    this.#url = url;
    this.#dialogue = new Dialogue(
      this.#context,
      {
        emit: this.#emit,
        timeline: this.timeline,
        mayReport: () => this.#state !== "ended" && !this.#muted,
        onConnected: () => this.#connected(),
        onRedirect: (location, text) => this.#redirect(location, text),
        onEnded: (ending, wsClose) => this.#end(ending, wsClose),
      },
      socket,
    );
    this.#dialogue.start(this.#redirects > 0);
  }

  #connected(): void {
    this.#state = "connected";
    this.#stopConnecting();
    this.#options.onConnected();
    this.#settle.connected();
  }

  #redirect(location: string, text: string): void {
    this.#emit("onSignalingMessage", "WEBSOCKET", "RECEIVED", text);
    const { limits, options } = this.#context;
    const socket = this.#dialogue?.transports.socket;
    if (this.#state === "ended" || this.#dialogue!.isClosing || socket === undefined) return;
    this.#redirects++;
    if (this.#redirects > limits.maxRedirects) {
      this.#dialogue!.close({
        code: "INTERNAL_ERROR",
        message: `Too many redirects: limit=${limits.maxRedirects}`,
      });
      return;
    }
    this.#dialogue!.transports.socket = undefined;
    this.#dialogue!.dispose();
    this.#dialogue = undefined;
    this.#leaving = socket;
    this.timeline.begin("redirect");
    socket.events = {
      onOpen: () => {},
      onText: () => {},
      onBinary: () => {},
      onEnd: (end, timedOut) => {
        this.#leaving = undefined;
        const code = timedOut || end.error !== undefined ? 4999 : 1000;
        this.#emit("onWsClose", code, SELF_CLOSED);
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
      this.#end({ code: "INVALID_PARAMETER", message: invalid });
    } else if (leavesTls(this.#url!, location)) {
      const message = `${invalid}: a redirect must not lead from wss: to ws:`;
      this.#end({ code: "INVALID_PARAMETER", message });
    } else {
      this.#dial([location]);
    }
  }

  #tooLate(ms: number): void {
    // The end has begun already, and has limits of its own.
    if (this.#dialogue?.isClosing === true) return;
    this.#late = true;
    const missing = this.#dialogue?.missing;
    let message = this.#redirects > 0 ? "Connection timeout in redirection" : "Connection timeout";
    if (missing !== undefined) {
      message = `Connection timeout: ${missing} did not come within ${ms} ms`;
      this.#dialogue!.abandon();
    }
    this.#end({ code: "INTERNAL_ERROR", message });
  }

  #end(ending: Ending, wsClose?: WsClose): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.timeline.add({ kind: "end", code: ending.code });
    this.#stopConnecting();
    for (const contact of this.#contacts) contact.abort();
    this.#leaving?.terminate();
    const { handlers } = this.#context;
    const transports = this.#dialogue?.transports;
    const cut = transports?.detached === true && transports.socket !== undefined;
    this.#dialogue?.dispose();
    if (wsClose !== undefined) dispatch(handlers, "onWsClose", wsClose.code, wsClose.reason);
    else if (cut) dispatch(handlers, "onWsClose", 4999, SELF_CLOSED);
    void this.#finish(wsClose === undefined ? ending : { ...ending, close: wsClose });
  }

  async #finish(ending: Ending): Promise<void> {
    await this.#options.previous;
    const closed = this.#closePeer();
    // Whatever the peer connection is busy with, it finishes by itself.
    if (!this.#late) await closed;
    this.#options.onFinished(ending);
    const { code, message, cause } = ending;
    this.#settle.failed(new SoraError(code, message, cause === undefined ? {} : { cause }));
  }

  async #closePeer(): Promise<void> {
    const peer = this.#dialogue?.transports.peer;
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
