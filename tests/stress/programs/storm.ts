/**
 * A program whose members join and leave a channel at random, with mixed codecs, roles and transports, while others receive them. Its
 * arguments: the server's URL, a seed, and for how many seconds members join. It prints `joined` with how many have so far for each,
 * `failure` with a sentence as JSON for what went wrong, which includes what they left behind.
 *
 * @module
 */

import process from "node:process";
import type { Sora, SoraConnectionOptions } from "../../../mod.ts";
import { pause, within } from "../../support/eventually.ts";
import { MediaClient } from "../../support/media_client.ts";
import { mediaCycle } from "../../support/media_cycle.ts";
import { backTo, resources, startSignalThread } from "../../support/resources.ts";
import { Random } from "../random.ts";
import { CODECS, open, TRANSPORTS } from "./kinds.ts";

const MEMBERS = 12;
const CHANNEL = "storm";
/** The longest that a member stays. */
const STAY_MS = 15_000;
const ABORT_MS = 300;
/** Who was there together for so long must have received video; on a busy machine, encoders and decoders have to start. */
const TOGETHER_MS = 8_000;
const LEAVE_MS = 30_000;

const [url = "", seed = "0", seconds = "60"] = process.argv.slice(2);
const ROLES = ["sendrecv", "sendonly", "recvonly"] as const;
const sent = { frame: { width: 160, height: 120, turn: 0 }, toneHz: 440 } as const;

/** From when to when somebody sends, by connection id. */
interface Presence {
  readonly since: number;
  until: number;
  readonly what: string;
}
const senders = new Map<string, Presence>();
const end = performance.now() + Number(seconds) * 1_000;
let joined = 0;

function fail(what: string, error: unknown): void {
  console.log(`failure ${JSON.stringify(`${what}: ${(error as Error)?.stack ?? error}`)}`);
}

/** What a member does, chosen before it begins. */
interface Stay {
  readonly what: string;
  readonly options: SoraConnectionOptions;
  /** When its `connect()` is given up, if it is. */
  readonly abortMs: number | undefined;
  readonly stayMs: number;
  readonly ownSora: boolean;
  readonly leave: "disconnect" | "close";
}

function choose(random: Random, name: string): Stay {
  const role = random.pick(ROLES);
  const videoCodecType = random.pick(CODECS);
  const transport = random.pick(TRANSPORTS);
  return {
    what: `${name}, ${role} ${videoCodecType} ${JSON.stringify(transport)}`,
    options: {
      signalingUrls: [url],
      channelId: CHANNEL,
      role,
      videoCodecType,
      ...transport,
    },
    abortMs: random.chance(0.1) ? random.between(0, ABORT_MS) : undefined,
    // Half of them stay for a short time.
    stayMs: random.next() * (random.chance(0.5) ? STAY_MS : STAY_MS / 10),
    ownSora: random.chance(0.5),
    leave: random.pick(["disconnect", "close"]),
  };
}

/** Frames of each sender. */
function countFrames(client: MediaClient): Map<string, number> {
  const frames = new Map<string, number>();
  const own = client.connection.onTrack;
  client.connection.onTrack = (track) => {
    own?.(track);
    const { video, audio } = client.received.get(track.streamId) ?? {};
    if (track.kind === "audio" && audio !== undefined) audio.onData = () => {};
    if (track.kind === "video" && video !== undefined) {
      video.onFrame = (frame) => {
        frame.close();
        frames.set(track.streamId, (frames.get(track.streamId) ?? 0) + 1);
      };
    }
  };
  return frames;
}

/** Whether everybody who was there for long enough was received. */
function checkReceived(what: string, since: number, own: string, frames: Map<string, number>) {
  const now = performance.now();
  for (const [id, presence] of senders) {
    // No stay that goes on began before.
    if (presence.until < now - STAY_MS * 4) senders.delete(id);
    if (id === own) continue;
    const together = Math.min(now, presence.until) - Math.max(since, presence.since);
    if (together >= TOGETHER_MS && !frames.has(id)) {
      fail(what, `no frame in ${together.toFixed()} ms of ${presence.what}`);
    }
  }
}

/** One member, from joining to leaving. */
async function stay({ what, options, abortMs, stayMs, ownSora, leave }: Stay, shared: Sora) {
  const sora = ownSora ? open() : shared;
  const media = options.role === "recvonly" ? {} : sent;
  const client = new MediaClient(options, media, sora);
  const frames = countFrames(client);
  let presence: Presence | undefined;
  try {
    if (abortMs !== undefined) {
      const reason = new Error("given up");
      const giveUp = new AbortController();
      const timer = setTimeout(() => giveUp.abort(reason), abortMs);
      await client.connection.connect({ signal: giveUp.signal }).catch((error) => {
        if (error !== reason) throw error;
      });
      clearTimeout(timer);
    } else {
      await client.connect();
      const since = performance.now();
      const id = client.connection.connectionId ?? "";
      if (options.role !== "recvonly") {
        presence = { since, until: Infinity, what };
        senders.set(id, presence);
      }
      console.log(`joined ${++joined}`);
      // It stays for a while: that is its subject.
      await pause(Math.min(stayMs, Math.max(0, end - performance.now())));
      if (client.disconnects.length > 0) fail(what, `it ended: ${client.disconnects.join("; ")}`);
      else if (options.role !== "sendonly") checkReceived(what, since, id, frames);
    }
  } catch (error) {
    fail(what, error);
  } finally {
    if (presence !== undefined) presence.until = performance.now();
    const left = leave === "close" && ownSora
      ? sora.close().then(() => client[Symbol.asyncDispose]())
      : client[Symbol.asyncDispose]().then(() => ownSora ? sora.close() : undefined);
    await within("the end", left, LEAVE_MS).catch((error) => fail(`${what}, ${leave}`, error));
  }
  const codes = client.disconnects.map(([code]) => code);
  if (abortMs === undefined && codes.some((code) => code !== "CLOSE_SUCCEEDED")) {
    fail(what, `it ended with ${client.disconnects.join("; ")}`);
  }
  for (const error of client.errors) fail(what, error);
}

async function member(number: number, shared: Sora): Promise<void> {
  const random = new Random(Number(seed), `storm ${number}`);
  for (let time = 0; performance.now() < end; time++) {
    await stay(choose(random, `member ${number}, time ${time}`), shared);
  }
}

startSignalThread();
{
  // What the runtime and the codecs keep for good.
  await using sora = open();
  for (const videoCodecType of CODECS) {
    await mediaCycle({ signalingUrls: [url], channelId: "before", videoCodecType }, sora);
  }
}
const base = resources();
{
  await using shared = open();
  await Promise.all(Array.from({ length: MEMBERS }, (_, number) => member(number, shared)));
}
await backTo(base, 20_000).catch((error) => fail("after all", error));
