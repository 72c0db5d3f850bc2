/**
 * The row `network`: bad paths, paths that end, and servers that do. Each condition by itself with the figure it must reach, then
 * weather that is drawn.
 *
 * @module
 */

import { makeCertificate } from "../../support/signaling_certificates.ts";
import { Child } from "../../support/child.ts";
import { pause } from "../../support/eventually.ts";
import { type PathRules, RoutedNamespaces } from "../../support/routed_namespaces.ts";
import { turnUser } from "../../support/turn_server.ts";
import type { RowResult } from "../row.ts";
import { type Member, NetworkScene } from "./network_scene.ts";
import { errorText, runTask, type Task } from "./task.ts";

const turnProgram = new URL("turn_server.ts", import.meta.url);

/** A condition, and what must come of it. */
interface Condition {
  /** The name of its figure, with the unit. */
  readonly figure: string;
  readonly what: string;
  /** Before its figure, where all are told. */
  readonly short: string;
  readonly unit: "fps" | "ms";
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Tries it once. Throws when something ends that must not. */
  measure(task: Task): Promise<number>;
}

/** How often a figure is tried: a busy machine misses one now and then, a defect does so each time. */
const TRIES = 3;
const SETTLES_MS = 4_000;
const MEASURED_MS = 10_000;

async function makePath(task: Task, family: "IPv4" | "IPv6" = "IPv4"): Promise<RoutedNamespaces> {
  const path = await RoutedNamespaces.make(task.seed, family);
  if (typeof path === "string") throw new Error(path);
  return path;
}

/** Of those who send. */
const FPS = 30;

/** How many of 30 frames come in the worse of both directions: what a busy machine did not even send is not the path's fault. */
async function fpsOf({ near, far }: NetworkScene): Promise<number> {
  const from = Date.now();
  // The time is the subject.
  await pause(MEASURED_MS);
  const to = Date.now();
  const shareOf = (sender: Member, receiver: Member) =>
    receiver.came(from, to) / Math.max(1, sender.sent(from, to));
  return FPS * Math.min(1, shareOf(far, near), shareOf(near, far));
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
    return back;
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
    return Math.max(...scene.members.map((member) => member.silence(from, Date.now())));
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

async function blackHole({ path }: NetworkScene, ms: number): Promise<number> {
  path.setBoth({ loss: 1 });
  // The time is the subject.
  await pause(ms);
  path.setBoth({});
  return Date.now();
}

async function frozen(scene: NetworkScene): Promise<number> {
  scene.freeze();
  // The time is the subject.
  await pause(5_000);
  scene.thaw();
  return Date.now();
}

/** The server is away for three seconds, and another one comes in its place. */
async function killed(task: Task): Promise<number> {
  await using path = await makePath(task);
  await using scene = await NetworkScene.open({ path, overData: false });
  await scene.kill();
  // The time is the subject.
  await pause(3_000);
  await scene.restart();
  return await scene.back(Date.now());
}

/** No UDP gets through, and a TURN server relays over TCP or TLS. */
function overTurn(scheme: "turn" | "turns"): Condition["measure"] {
  return async (task) => {
    await using path = await makePath(task);
    path.setBoth({ blocked: ["udp"] });
    const { address, command } = path.server;
    const certificate = makeCertificate({ subject: "TURN", hosts: [address] });
    const { cert, key } = certificate;
    const args = scheme === "turns" ? [JSON.stringify({ cert, key })] : [];
    await using turn = new Child(turnProgram, [address, ...args], undefined, {}, [], command);
    const url = `${scheme}:${address}:${await turn.line("port ")}?transport=tcp`;
    await using scene = await NetworkScene.open({
      path,
      server: { iceServers: [{ urls: [url], ...turnUser }] },
      member: { caCert: cert },
    });
    await scene.back(Date.now());
    unbroken(scene);
    return await scene.near.connected();
  };
}

const CONDITIONS: readonly Condition[] = [
  {
    figure: "lossFps",
    short: "loss",
    unit: "fps",
    what: "frames of 30 that come at a loss of 5 % and 50 ms of delay, each way",
    atLeast: 27,
    measure: fpsUnder({ loss: 0.05, delayMs: 50 }),
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
    what: "frames of 30 that come where there is IPv6 only",
    atLeast: 27,
    measure: fpsUnder({}, "IPv6"),
  },
  {
    figure: "turnTcpMs",
    short: "TURN over TCP",
    unit: "ms",
    what: "ms to connect over TURN and TCP where UDP is blocked",
    atMost: 500,
    measure: overTurn("turn"),
  },
  {
    figure: "turnTlsMs",
    short: "over TLS",
    unit: "ms",
    what: "ms to connect over TURN and TLS where UDP is blocked",
    atMost: 500,
    measure: overTurn("turns"),
  },
];

/** Tries a condition, and reports it when it misses its figure each time. The figure of the last try, if there is one. */
async function prove(task: Task, condition: Condition): Promise<number | undefined> {
  const { what, atLeast = -Infinity, atMost = Infinity } = condition;
  const tried: string[] = [];
  let figure: number | undefined;
  while (tried.length < TRIES) {
    try {
      figure = await condition.measure(task);
      if (figure >= atLeast && figure <= atMost) return figure;
      tried.push(figure.toFixed(1));
    } catch (error) {
      tried.push(errorText(error));
    }
  }
  const asked = atLeast === -Infinity ? `at most ${atMost}` : `at least ${atLeast}`;
  task.found({
    what: `${what}: ${asked} asked, each of ${TRIES} tries missed it: ${tried.join("; ")}`,
  });
  return figure;
}

/** A path of a few seconds as it may be. */
function drawn({ random }: Task): PathRules {
  const maybe = <T>(rules: T) => random.chance(0.4) ? rules : {};
  return {
    ...maybe({ loss: random.between(0.01, 0.2) }),
    ...maybe({ delayMs: random.between(20, 500) }),
    ...maybe({ jitterMs: random.between(1, 100) }),
    ...maybe({ swapped: random.between(0.001, 0.05) }),
    ...maybe({ doubled: random.between(0.001, 0.05) }),
    ...maybe({ kbps: random.between(300, 5_000) }),
  };
}

/** What follows must bring frames back within so long: the jitter buffer and the estimate of the bit rate need a while after the worst. */
const RECOVERS_MS = 10_000;
/** Libwebrtc gives a connection up after about half of this; then it is made again. */
const LONGEST_HOLE_S = 60;

/** Draws weather for the rest of the time. Returns how many kinds there were. */
async function weather(task: Task): Promise<number> {
  const { random } = task;
  let count = 0;
  await using path = await makePath(task);
  await using scene = await NetworkScene.open({ path });
  while (task.leftMs > 0) {
    const rules = { up: drawn(task), down: drawn(task) };
    const seconds = random.between(2, 8);
    const event = random.pick(["none", "none", "none", "hole", "rebind", "freeze"]);
    const story = `${JSON.stringify(rules)} for ${seconds.toFixed(1)} s, ${event}`;
    path.set(rules);
    // The time is the subject.
    await pause(seconds * 1_000);
    if (event === "rebind") path.rebind();
    if (event === "freeze") await frozen(scene);
    const most = Math.min(LONGEST_HOLE_S, task.leftMs / 4_000);
    if (event === "hole") await blackHole(scene, random.between(1, Math.max(1, most)) * 1_000);
    path.setBoth({});
    try {
      await scene.back(Date.now(), RECOVERS_MS);
    } catch (error) {
      task.found({ what: `after ${story}: ${errorText(error)}; ${scene.events.join(", ")}` });
      return count;
    }
    task.progress(`${++count} weathers`);
  }
  if (scene.events.some((event) => event.startsWith("disconnected"))) {
    task.found({ what: `disconnected in the weather: ${scene.events.join(", ")}` });
  }
  return count;
}

async function network(task: Task): Promise<RowResult> {
  const possible = await RoutedNamespaces.make(1);
  if (typeof possible === "string") return { skipped: possible };
  await possible[Symbol.asyncDispose]();
  const figures: Record<string, number> = {};
  const said: string[] = [];
  for (const [index, condition] of CONDITIONS.entries()) {
    task.progress(condition.what, index / CONDITIONS.length);
    const figure = await prove(task, condition);
    if (figure === undefined) continue;
    const rounded = Math.round(figure * 10) / 10;
    figures[condition.figure] = rounded;
    said.push(`${condition.short} ${rounded} ${condition.unit}`);
  }
  figures["weathers"] = await weather(task);
  return { measured: [...said, `${figures["weathers"]} weathers`].join(", "), figures };
}

await runTask("network", network);
