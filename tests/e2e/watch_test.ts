import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SoraServer } from "../../sfu/mod.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import type { Resources } from "../support/resources.ts";

/** Bun begins a new process each time. */
const RELOADS = onDeno ? 10 : 3;
const WAYS = ["end", "wait", "throw"] as const;
const program = new URL("../support/watched_program.ts", import.meta.url);
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

test("a program in watch mode leaves nothing behind when it is loaded again while media flows", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const folder = await mkdtemp(join(tmpdir(), "sora-watch-"));
  try {
    const entry = join(folder, "entry.ts");
    const write = (load: number) =>
      writeFile(
        entry,
        `import { run } from ${JSON.stringify(program.href)};\n` +
          `await run(${JSON.stringify(server.url)}, ${load}, "${WAYS[load % WAYS.length]}");\n`,
      );
    await write(0);
    const flags = ["-A", "--watch", "--no-clear-screen", "--config", config];
    await using child = new Child(pathToFileURL(entry), [], flags, {}, ["--watch"]);
    const reports = (load: number): Resources[] =>
      child.lines.filter((line) => line.startsWith(`flowing ${load} `))
        .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
    const [base] = await eventually("media", () => reports(0).length > 0 && reports(0), 20_000);
    assert.ok(base !== undefined && base.objects > 0);
    for (let load = 1; load <= RELOADS; load++) {
      await write(load);
      await eventually(
        `what load ${load} holds to be no more than ${JSON.stringify(base)}`,
        () =>
          reports(load).some((now) =>
            now.objects <= base.objects && now.threads <= base.threads &&
            now.descriptors <= base.descriptors
          ),
        20_000,
      ).catch((cause) => {
        throw new Error(`${JSON.stringify(reports(load).at(-1))}\n${child.errors}`, { cause });
      });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
