/**
 * A server and a member on one side of a path, and a member on the other.
 *
 * @module
 */

import type { SoraConnectionOptions } from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { eventually } from "../../support/eventually.ts";
import type { NamespaceEnd } from "../../support/namespaces.ts";
import type { RoutedNamespaces } from "../../support/routed_namespaces.ts";

const member = new URL("network_member.ts", import.meta.url);
const server = new URL("network_server.ts", import.meta.url);

/** How long a member may take to connect and to get the first frame, however bad the path. */
const OPEN_MS = 40_000;

function start(end: NamespaceEnd, program: URL, argument: object): Child {
  return new Child(program, [JSON.stringify(argument)], undefined, {}, [], end.command);
}

/** A member, and when frames came to it. */
export class Member implements AsyncDisposable {
  readonly #child: Child;
  readonly #times: Readonly<Record<"frame" | "sent", number[]>> = { frame: [], sent: [] };
  #read = 0;

  constructor(end: NamespaceEnd, options: Partial<SoraConnectionOptions>) {
    this.#child = start(end, member, options);
  }

  #timesOf(word: "frame" | "sent"): readonly number[] {
    const { lines } = this.#child;
    for (; this.#read < lines.length; this.#read++) {
      const [word, at] = lines[this.#read]!.split(" ");
      if (word === "frame" || word === "sent") this.#times[word].push(Number(at));
    }
    return this.#times[word];
  }

  /** When frames came, in ms since the epoch. */
  get frames(): readonly number[] {
    return this.#timesOf("frame");
  }

  /** How long it took to connect, in ms. */
  async connected(): Promise<number> {
    return Number(await this.#child.line("connected ", OPEN_MS));
  }

  /** Waits for its first frame, and until all that it will do by itself for that is done. */
  async opened(overData: boolean): Promise<void> {
    await this.connected();
    if (overData) await this.#child.line("switched", OPEN_MS);
    await this.#child.line("frame ", OPEN_MS);
  }

  /** How long after `at` the next frame came. */
  async back(at: number, limitMs: number): Promise<number> {
    const frame = await eventually(
      "a frame",
      () => this.frames.findLast((time) => time > at) && this.frames.find((time) => time > at),
      limitMs,
    );
    return frame - at;
  }

  /** How long no frame came, at the longest, in ms, between two times. */
  silence(from: number, to: number): number {
    const times = [from, ...this.frames.filter((time) => time > from && time < to), to];
    return Math.max(...times.slice(1).map((time, i) => time - times[i]!));
  }

  /** How many frames came between two times. */
  came(from: number, to: number): number {
    return this.frames.filter((time) => time > from && time <= to).length;
  }

  /** How many frames it sent between two times. */
  sent(from: number, to: number): number {
    return this.#timesOf("sent").filter((time) => time > from && time <= to).length;
  }

  /** What happened to its connection besides frames. */
  get events(): readonly string[] {
    return this.#child.lines.filter((line) => /^(?:reconnect|disconnect|error)/.test(line));
  }

  /** What it wrote to its standard error. */
  get errors(): string {
    return this.#child.errors;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

/** What a scene is made of. */
export interface SceneOptions {
  readonly path: RoutedNamespaces;
  readonly server?: object;
  readonly member?: Partial<SoraConnectionOptions>;
  /** Signaling moves to data channels. Default: yes. */
  readonly overData?: boolean;
}

/** The server and both members. */
export class NetworkScene implements AsyncDisposable {
  readonly path: RoutedNamespaces;
  /** On the server's side. */
  readonly far: Member;
  readonly near: Member;
  #server: Child;
  readonly #url: string;
  readonly #options: object;

  private constructor(options: SceneOptions, child: Child, url: string, far: Member) {
    this.path = options.path;
    this.#server = child;
    this.#url = url;
    this.#options = serverOptions(options);
    this.far = far;
    this.near = new Member(options.path.client, memberOptions(options, url));
  }

  /** Starts them, and waits until both members have got video. */
  static async open(options: SceneOptions): Promise<NetworkScene> {
    const { path, overData = true } = options;
    await using started = new AsyncDisposableStack();
    const child = started.use(start(path.server, server, serverOptions(options)));
    const url = await child.line("listening ");
    // One after the other: how long it takes to connect is a figure, and programs that start are busy.
    const far = started.use(new Member(path.server, memberOptions(options, url)));
    await far.connected();
    const scene = new NetworkScene(options, child, url, far);
    started.use(scene.near);
    await Promise.all(scene.members.map((member) => member.opened(overData)));
    started.move();
    return scene;
  }

  get members(): readonly [Member, Member] {
    return [this.far, this.near];
  }

  /** Stops the server's process, which answers nothing until it goes on. */
  freeze(): void {
    this.#server.kill("SIGSTOP");
  }

  thaw(): void {
    this.#server.kill("SIGCONT");
  }

  /** Ends the server's process without a word. */
  async kill(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  /** Starts another server where the first one was. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.#url).port);
    this.#server = start(this.path.server, server, { ...this.#options, port });
    await this.#server.line("listening ");
  }

  /** The longest that a member waits for a frame after `at`, in ms. */
  async back(at: number, limitMs = 30_000): Promise<number> {
    return Math.max(...await Promise.all(this.members.map((member) => member.back(at, limitMs))));
  }

  /** What happened to the connections. */
  get events(): readonly string[] {
    return this.members.flatMap(({ events }) => events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) await member[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

function serverOptions({ path, server = {} }: SceneOptions): object {
  return { host: path.server.address, ...server };
}

function memberOptions(
  { overData = true, member }: SceneOptions,
  url: string,
): Partial<SoraConnectionOptions> {
  return {
    signalingUrls: [url],
    dataChannelSignaling: overData,
    ignoreDisconnectWebSocket: overData,
    reconnect: { initialDelayMs: 100, maxDelayMs: 1_000, maxRetries: 1_000 },
    ...member,
  };
}
