import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

test("the README's first program runs as it stands", async () => {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  // One folder for each runtime, two below the root that the program imports from.
  const runtime = basename(process.execPath);
  const folder = new URL(`out/readme-${runtime}/`, root);
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL("first.ts", folder));
  await writeFile(file, program.replaceAll('from "./', 'from "../../'));

  const flags = runtime === "deno" ? ["run", "-A", "--no-prompt"] : [];
  const { error, stdout, stderr } = await new Promise<
    { error: Error | null; stdout: string; stderr: string }
  >((resolve) => {
    execFile(
      process.execPath,
      [...flags, file],
      { timeout: 25_000, killSignal: "SIGKILL" },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
  });
  assert.equal(error, null, stderr);
  assert.match(stdout, /^received \d+ x \d+$/m);
});
