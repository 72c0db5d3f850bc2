/**
 * The page of the browser tests: members that connect with the official browser SDK, which tests drive through `PageApi`.
 *
 * @module
 */

import type { JoinOptions, PageApi } from "./api.ts";
import { Member } from "./member.ts";

const context = new AudioContext({ sampleRate: 48_000 });
await context.resume();
const members = new Map<string, Member>();

function member(id: string): Member {
  const found = members.get(id);
  if (found === undefined) throw new Error(`The page has no member ${id}`);
  return found;
}

async function refusal(options: JoinOptions): Promise<string> {
  const one = new Member(context, options);
  try {
    await one.connect();
  } catch (error) {
    return String(error);
  } finally {
    await one.close();
  }
  throw new Error("It was not refused");
}

const api: PageApi = {
  codec: (name) => {
    const has = (capabilities: RTCRtpCapabilities | null) =>
      capabilities?.codecs.some(({ mimeType }) => mimeType === `video/${name}`) ?? false;
    return {
      encoder: has(RTCRtpSender.getCapabilities("video")),
      decoder: has(RTCRtpReceiver.getCapabilities("video")),
    };
  },
  join: async (options) => {
    const one = new Member(context, options);
    await one.connect();
    members.set(one.id, one);
    return one.id;
  },
  refusal,
  received: (id, from) => member(id).received(from),
  happened: (id) => ({ ...member(id).happened, streams: member(id).streams }),
  url: (id) => member(id).connection.connectedSignalingUrl,
  send: (id, label, base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return member(id).connection.sendMessage(label, bytes);
  },
  rpc: (id, method, params) => member(id).connection.rpc(method, params as Record<string, unknown>),
  stats: async (id) => {
    const report = await member(id).connection.pc!.getStats();
    return [...report.values()];
  },
  disconnect: (id) => member(id).close(),
  close: async () => {
    await Promise.all([...members.values()].map((one) => one.close()));
    members.clear();
  },
};

Object.assign(globalThis, { api });
