/**
 * A client without media, which records everything that its handlers were called with.
 *
 * @module
 */

import { Sora, type SoraConnection, type SoraConnectionOptions } from "../../mod.ts";
import { eventually } from "./eventually.ts";

const HANDLERS = [
  "onSetOffer",
  "onNotify",
  "onPush",
  "onSwitched",
  "onSignalingMessage",
  "onWsClose",
  "onReconnecting",
  "onReconnected",
  "onDisconnect",
  "onDataChannel",
  "onMessage",
  "onRpc",
  "onTrack",
  "onRemoveTrack",
  "onError",
] as const;

type HandlerName = typeof HANDLERS[number];

/** The arguments of a handler. */
export type HandlerArguments<N extends HandlerName> = Parameters<NonNullable<SoraConnection[N]>>;

/** A message as `onSignalingMessage` reported it: its transport, its direction and its type. */
export type SignalingStep = `${string} ${string} ${string}`;

/** A client and what happened to it. */
export class RecordingClient implements AsyncDisposable {
  /** The connection. */
  readonly connection: SoraConnection;
  /** The names of the handlers that were called, in order. */
  readonly order: HandlerName[] = [];
  readonly #calls = new Map<HandlerName, unknown[][]>();
  readonly #sora = new Sora();

  /** Creates a client, by default one that only receives. */
  constructor(
    options: Partial<SoraConnectionOptions> & Pick<SoraConnectionOptions, "signalingUrls">,
  ) {
    this.connection = this.#sora.createConnection({
      role: "recvonly",
      channelId: "test",
      ...options,
    });
    for (const name of HANDLERS) {
      this.#calls.set(name, []);
      this.connection[name] = (...args: unknown[]) => {
        this.order.push(name);
        this.#calls.get(name)!.push(args);
      };
    }
  }

  /** The arguments of each call of a handler. */
  of<N extends HandlerName>(name: N): HandlerArguments<N>[] {
    return this.#calls.get(name) as HandlerArguments<N>[];
  }

  /** The calls of `onWsClose` and `onDisconnect`, in order. */
  get ends(): readonly (readonly [string, ...unknown[]])[] {
    const rest = {
      onWsClose: [...this.of("onWsClose")],
      onDisconnect: [...this.of("onDisconnect")],
    };
    return this.order
      .filter((name) => name === "onWsClose" || name === "onDisconnect")
      .map((name) => [name, ...rest[name].shift()!] as const);
  }

  /** What `onSignalingMessage` reported, without candidates, whose number depends on the machine. */
  get steps(): SignalingStep[] {
    return this.of("onSignalingMessage")
      .map(([via, way, text]) => `${via} ${way} ${JSON.parse(text).type}` as const)
      .filter((step) => !step.endsWith(" candidate"));
  }

  /** The own connection id. */
  get id(): string {
    return this.connection.connectionId!;
  }

  /** The event types of `onNotify` about a connection, or about all. */
  notified(connectionId?: string): string[] {
    return this.of("onNotify")
      .filter(([message]) =>
        connectionId === undefined ||
        (message as { connection_id?: unknown }).connection_id === connectionId
      )
      .map(([message]) => message.event_type);
  }

  /** Connects. */
  async connect(): Promise<this> {
    await this.connection.connect();
    return this;
  }

  /** Connects and waits until signaling is over data channels and those for messages are open. */
  async switch(labels: readonly string[] = []): Promise<this> {
    await this.connection.connect();
    await eventually("switched", () => this.of("onSwitched").length > 0);
    await this.opened(labels);
    return this;
  }

  /** Waits until data channels are open. */
  async opened(labels: readonly string[]): Promise<void> {
    await eventually(`the channels ${labels.join()}`, () => {
      const open = new Set(this.of("onDataChannel").map(([label]) => label));
      return labels.every((label) => open.has(label));
    });
  }

  /** Waits for the end. */
  async ended(limitMs?: number): Promise<this["ends"]> {
    await eventually("the end", () => this.of("onDisconnect").length > 0, limitMs);
    return this.ends;
  }

  /** Disconnects and lets go of everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sora.close();
  }
}
