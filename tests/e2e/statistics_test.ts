/** What `getStats()` gives of a connection with everything, against the types that describe it. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SoraStats } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";

const folder = fileURLToPath(new URL("../../sdk/stats/", import.meta.url));

/** One interface as it is written: what it extends, and its members with their types. */
interface Written {
  readonly parent: string | undefined;
  readonly members: ReadonlyMap<string, string>;
}

/** The interfaces of `sdk/stats/`, by name. */
function writtenInterfaces(): ReadonlyMap<string, Written> {
  const found = new Map<string, Written>();
  for (const file of readdirSync(folder)) {
    const text = readFileSync(`${folder}${file}`, "utf8");
    const blocks = text.matchAll(/^export interface (\w+)(?: extends (\w+))? \{\n([^]*?)^\}/gm);
    for (const [, name = "", parent, body = ""] of blocks) {
      const members = body.matchAll(/^ {2}readonly (\w+)\??: ([^]*?);$/gm);
      found.set(name, {
        parent,
        members: new Map([...members].map(([, member = "", type = ""]) => [member, type])),
      });
    }
  }
  return found;
}

/** The members that the types name, by the `type` of the statistics. */
function namedMembers(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const interfaces = writtenInterfaces();
  const membersOf = (name: string): [string, string][] => {
    const written = interfaces.get(name);
    if (written === undefined) return [];
    return [...(written.parent === undefined ? [] : membersOf(written.parent)), ...written.members];
  };
  const named = new Map<string, ReadonlyMap<string, string>>();
  for (const name of interfaces.keys()) {
    const members = new Map(membersOf(name));
    const types = members.get("type")?.matchAll(/"([^"]+)"/g) ?? [];
    for (const [, type = ""] of types) named.set(type, members);
  }
  return named;
}

/** Whether a value is of a type as it is written. */
function fits(value: unknown, type: string): boolean {
  if (type.includes('"')) return type.includes(`"${value}"`);
  if (type.startsWith("Readonly<Record")) return typeof value === "object" && value !== null;
  const kind: string = typeof value;
  return kind === type;
}

test("getStats() gives all types of W3C, and the types name and describe each member", async () => {
  const named = namedMembers();
  await using server = await SoraServer.start({ port: 0 });
  const options = {
    signalingUrls: [server.url],
    channelId: "statistics",
    role: "sendrecv",
    dataChannelSignaling: true,
    dataChannels: [{ label: "#statistics", direction: "sendrecv" }],
  } as const;
  const media = { frame: { width: 320, height: 240, turn: 0 }, toneHz: 440 };
  await using alice = new MediaClient(options, media);
  await using bob = new MediaClient(options, media);
  await alice.connect();
  await bob.connect();
  (await nextFrame((await alice.from(bob)).video)).close();
  let stats: SoraStats[] = [];
  const types = () => new Set(stats.map(({ type }) => type));
  const expected: SoraStats["type"][] = [
    "certificate",
    "candidate-pair",
    "codec",
    "data-channel",
    "inbound-rtp",
    "local-candidate",
    "media-source",
    "outbound-rtp",
    "peer-connection",
    "remote-candidate",
    "remote-inbound-rtp",
    "remote-outbound-rtp",
    "transport",
  ];
  await eventually("statistics of every type", async () => {
    stats = await alice.connection.getStats();
    return types().isSupersetOf(new Set(expected));
  }, 20_000);
  const unknown: string[] = [];
  let compared = 0;
  for (const one of stats) {
    const members = named.get(one.type);
    if (members === undefined) unknown.push(one.type);
    for (const [member, value] of Object.entries(one)) {
      const type = members?.get(member);
      if (type === undefined) unknown.push(`${one.type}.${member}: ${JSON.stringify(value)}`);
      else if (!fits(value, type)) unknown.push(`${one.type}.${member}: ${value} is no ${type}`);
      compared++;
    }
  }
  assert.deepEqual(unknown, []);
  assert.ok(compared > 200, `${compared} members`);
});
