import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";

const CLOSE_ON_EXEC = 0o2000000;

/** What this process has open: by descriptor, what it is and its flags. */
function descriptors(): ReadonlyMap<string, { readonly what: string; readonly flags: number }> {
  return new Map(
    readdirSync("/proc/self/fd").flatMap((descriptor) => {
      try {
        const what = readlinkSync(`/proc/self/fd/${descriptor}`);
        const [, flags = ""] =
          /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
        return [[descriptor, { what, flags: Number.parseInt(flags, 8) }]];
      } catch {
        // The folder that is being read, or closed in between.
        return [];
      }
    }),
  );
}

test("a child process gets none of the descriptors of a connection", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const before = descriptors();
  const room = { signalingUrls: [server.url], channelId: "descriptors" } as const;
  await using sender = new MediaClient({ ...room, role: "sendonly" }, {
    frame: { width: 160, height: 120, turn: 0 },
    toneHz: 440,
  });
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  (await nextFrame((await receiver.from(sender)).video)).close();
  const made = [...descriptors()].filter(([descriptor, { what }]) =>
    before.get(descriptor)?.what !== what
  );
  const kinds = new Set(made.map(([, { what }]) => what.replace(/\d+/, "")));
  for (const kind of ["socket:[]", "anon_inode:[eventpoll]"]) assert.ok(kinds.has(kind), kind);
  assert.deepEqual(made.filter(([, { flags }]) => (flags & CLOSE_ON_EXEC) === 0), []);
  const ours = new Set(made.map(([, { what }]) => what).filter((what) => /\d/.test(what)));
  const inherited = execFileSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" })
    .split("\n").map((line) => line.split(" -> ")[1] ?? "");
  assert.deepEqual(inherited.filter((what) => ours.has(what)), []);
});
