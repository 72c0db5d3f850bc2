/**
 * The conditions of the row `network`, each with the figure that it must reach.
 *
 * @module
 */

import { makeCertificate } from "../../support/signaling_certificates.ts";
import { Child } from "../../support/child.ts";
import { Coturn, hasCoturn } from "../../support/coturn.ts";
import { pause } from "../../support/eventually.ts";
import type { NamespaceEnd } from "../../support/namespaces.ts";
import { type PathRules, RoutedNamespaces } from "../../support/routed_namespaces.ts";
import { turnUser } from "../../support/turn_server.ts";
import { NetworkScene } from "./network_scene.ts";
import type { Task } from "./task.ts";

const turnProgram = new URL("turn_server.ts", import.meta.url);

/** What came of a condition. */
export interface Figure {
  readonly value: number;
  /** What else must be known to judge it. */
  readonly note?: string;
}

/** A condition, and what must come of it. */
export interface Condition {
  /** The name of its figure, with the unit. */
  readonly figure: string;
  readonly what: string;
  /** Before its figure, where all are told. */
  readonly short: string;
  readonly unit: "fps" | "ms";
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Why it cannot be tried here. */
  without?(): string | undefined;
  /** Tries it once. Throws when something ends that must not. */
  measure(task: Task): Promise<Figure>;
}

const SETTLES_MS = 4_000;
const MEASURED_MS = 10_000;

/** A path for a scene. */
export async function makePath(
  task: Task,
  family: "IPv4" | "IPv6" = "IPv4",
): Promise<RoutedNamespaces> {
  const path = await RoutedNamespaces.make(task.seed, family);
  if (typeof path === "string") throw new Error(path);
  return path;
}

/** Of those who send. */
const FPS = 30;

/** A sender that sends fewer has fallen behind, by the machine's fault: its frames are 33 ms apart. */
const LEAST_SENT = 0.98;

/**
 * How many frames a second come in the worse of both directions. Where the sender itself fell behind, the share of what it sent is
 * taken instead, and said.
 */
async function fpsOf({ near, far }: NetworkScene): Promise<Figure> {
  const from = Date.now();
  // The time is the subject.
  await pause(MEASURED_MS);
  const to = Date.now();
  const seconds = (to - from) / 1_000;
  const figures = ([[far, near], [near, far]] as const).map(([sender, receiver]): Figure => {
    const [sent, came] = [sender.sent(from, to) / seconds, receiver.came(from, to) / seconds];
    if (sent >= LEAST_SENT * FPS) return { value: Math.min(FPS, came) };
    const value = FPS * Math.min(1, came / Math.max(1, sent));
    return { value, note: `of ${sent.toFixed(1)} a second that the machine sent` };
  });
  return figures[0]!.value <= figures[1]!.value ? figures[0]! : figures[1]!;
}

/** Nothing may have happened to the connections. */
function unbroken(scene: NetworkScene): void {
  if (scene.events.length > 0) throw new Error(`it did not stay connected: ${scene.events}`);
}

/** In one scene: `act` does something, and returns since when a frame is due. */
function backAfter(act: (scene: NetworkScene) => Promise<number>): Condition["measure"] {
  return async (task) => {
    await using path = await makePath(task);
    await using scene = await NetworkScene.open({ path });
    const back = await scene.back(await act(scene));
    unbroken(scene);
    return { value: back };
  };
}

/** As {@link backAfter}, for what happens at once: how long no frame came. */
function silenceAfter(act: (scene: NetworkScene) => void): Condition["measure"] {
  return async (task) => {
    await using path = await makePath(task);
    await using scene = await NetworkScene.open({ path });
    const from = Date.now();
    act(scene);
    // The time is the subject: what is under way comes first.
    await pause(SETTLES_MS);
    await scene.back(Date.now());
    unbroken(scene);
    const to = Date.now();
    return { value: Math.max(...scene.members.map((member) => member.silence(from, to))) };
  };
}

function fpsUnder(rules: PathRules, family?: "IPv6"): Condition["measure"] {
  return async (task) => {
    await using path = await makePath(task, family);
    await using scene = await NetworkScene.open({ path });
    path.setBoth(rules);
    // The path has just become another one.
    await pause(SETTLES_MS);
    const fps = await fpsOf(scene);
    unbroken(scene);
    return fps;
  };
}

/** Loses everything for a while. Returns when that ended. */
export async function blackHole({ path }: NetworkScene, ms: number): Promise<number> {
  path.setBoth({ loss: 1 });
  // The time is the subject.
  await pause(ms);
  path.setBoth({});
  return Date.now();
}

/** The server stands still for five seconds. Returns when that ended. */
export async function frozen(scene: NetworkScene): Promise<number> {
  scene.freeze();
  // The time is the subject.
  await pause(5_000);
  scene.thaw();
  return Date.now();
}

/** The server is away for three seconds, and another one comes in its place. */
async function killed(task: Task): Promise<Figure> {
  await using path = await makePath(task);
  await using scene = await NetworkScene.open({ path, overData: false });
  await scene.kill();
  // The time is the subject.
  await pause(3_000);
  await scene.restart();
  return { value: await scene.back(Date.now()) };
}

/** Certificate and key of a server, in PEM. */
interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** A TURN server that was started. */
interface Turn extends AsyncDisposable {
  readonly port: number | string;
  readonly user: { readonly username: string; readonly credential: string };
}

/** Starts one: over TLS when there is a certificate, else over TCP. */
type StartTurn = (end: NamespaceEnd, tls?: Tls) => Promise<Turn>;

/** That of the tests, in a process of its own. */
const startOwn: StartTurn = async ({ address, command }, tls) => {
  await using started = new AsyncDisposableStack();
  const args = tls === undefined ? [] : [JSON.stringify(tls)];
  const child = started.use(
    new Child(turnProgram, [address, ...args], undefined, {}, [], command),
  );
  const port = await child.line("port ");
  started.move();
  return { port, user: turnUser, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
};

/** No UDP gets through, and a TURN server relays over TCP or TLS. */
function overTurn(start: StartTurn, scheme: "turn" | "turns"): Condition["measure"] {
  return async (task) => {
    await using path = await makePath(task);
    path.setBoth({ blocked: ["udp"] });
    const { address } = path.server;
    const { cert, key } = makeCertificate({ subject: "TURN", hosts: [address] });
    await using turn = await start(path.server, scheme === "turns" ? { cert, key } : undefined);
    const url = `${scheme}:${address}:${turn.port}?transport=tcp`;
    await using scene = await NetworkScene.open({
      path,
      server: { iceServers: [{ urls: [url], ...turn.user }] },
      member: { caCert: cert },
    });
    await scene.back(Date.now());
    unbroken(scene);
    return { value: await scene.near.connected() };
  };
}

const coturn = {
  without: () => hasCoturn() ? undefined : "setup/coturn.sh has not fetched coturn",
} as const;

/** All of them. */
export const CONDITIONS: readonly Condition[] = [
  {
    figure: "lossFps",
    short: "loss",
    unit: "fps",
    what: "frames a second that come at a loss of 5 % and 50 ms of delay, each way",
    atLeast: 27,
    measure: fpsUnder({ loss: 0.05, delayMs: 50 }),
  },
  {
    figure: "farLossFps",
    short: "with 100 ms",
    unit: "fps",
    what: "frames a second that come at a loss of 5 % and 100 ms of delay, each way",
    measure: fpsUnder({ loss: 0.05, delayMs: 100 }),
  },
  {
    figure: "blackHoleMs",
    short: "black hole",
    unit: "ms",
    what: "ms until video is back after a black hole of 10 s",
    atMost: 1_000,
    measure: backAfter((scene) => blackHole(scene, 10_000)),
  },
  {
    figure: "frozenMs",
    short: "frozen",
    unit: "ms",
    what: "ms until video is back after the server stood still for 5 s",
    atMost: 1_000,
    measure: backAfter(frozen),
  },
  {
    figure: "killedMs",
    short: "killed",
    unit: "ms",
    what: "ms until video is back after the server was killed and came again",
    atMost: 2_000,
    measure: killed,
  },
  {
    figure: "addressMs",
    short: "address",
    unit: "ms",
    what: "ms without video when the client's address changes",
    atMost: 3_000,
    measure: silenceAfter(({ path }) => path.client.move(7)),
  },
  {
    figure: "rebindingMs",
    short: "NAT",
    unit: "ms",
    what: "ms without video when a NAT gives the client other ports",
    atMost: 3_000,
    measure: silenceAfter(({ path }) => path.rebind()),
  },
  {
    figure: "ipv6Fps",
    short: "IPv6",
    unit: "fps",
    what: "frames a second that come where there is IPv6 only",
    atLeast: 27,
    measure: fpsUnder({}, "IPv6"),
  },
  {
    figure: "turnTcpMs",
    short: "TURN over TCP",
    unit: "ms",
    what: "ms to connect over TURN and TCP where UDP is blocked",
    atMost: 500,
    measure: overTurn(startOwn, "turn"),
  },
  {
    figure: "turnTlsMs",
    short: "over TLS",
    unit: "ms",
    what: "ms to connect over TURN and TLS where UDP is blocked",
    atMost: 500,
    measure: overTurn(startOwn, "turns"),
  },
  {
    figure: "coturnTcpMs",
    short: "coturn over TCP",
    unit: "ms",
    what: "ms to connect over coturn and TCP where UDP is blocked",
    atMost: 500,
    ...coturn,
    measure: overTurn(Coturn.start, "turn"),
  },
  {
    figure: "coturnTlsMs",
    short: "over TLS",
    unit: "ms",
    what: "ms to connect over coturn and TLS where UDP is blocked",
    atMost: 500,
    ...coturn,
    measure: overTurn(Coturn.start, "turns"),
  },
];
