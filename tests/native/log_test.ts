import assert from "node:assert/strict";
import { after, test } from "node:test";
import { LogSeverity, Result } from "../../ffi/constants.ts";
import { openRealm } from "../../ffi/realm.ts";
import { enableLibwebrtcLog, rtcLog, Sora, type SoraLoggingSeverity } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { failures, withConsole } from "../support/failing_handlers.ts";

after(() => enableLibwebrtcLog("NONE"));

/** Lines that were written here; libwebrtc writes others meanwhile. */
class Lines {
  readonly all: [string, SoraLoggingSeverity][] = [];
  readonly sink = (line: string, severity: SoraLoggingSeverity) => this.all.push([line, severity]);

  /** What came after a mark in lines that have it. */
  marked(mark: string): string[] {
    return this.all.flatMap(([line]) => line.includes(mark) ? [line.split(mark)[1] ?? ""] : []);
  }
}

test("rtcLog's lines come in order, with their severity, as far as it was asked for", async () => {
  const lines = new Lines();
  enableLibwebrtcLog("WARNING", lines.sink);
  const severities = ["VERBOSE", "INFO", "WARNING", "ERROR", "NONE"] as const;
  for (let i = 0; i < 300; i++) rtcLog(severities[i % 5] ?? "ERROR", `order:${i}`);
  await eventually("the last line", () => lines.marked("order:").length >= 120);
  const expected = Array.from({ length: 300 }, (_, i) => i).filter((i) =>
    i % 5 === 2 || i % 5 === 3
  );
  assert.deepEqual(lines.marked("order:").map(Number), expected);
  for (const [line, severity] of lines.all) {
    const number = Number(line.split("order:")[1]);
    if (!Number.isNaN(number)) assert.equal(severity, severities[number % 5]);
  }
  enableLibwebrtcLog("NONE");
  rtcLog("ERROR", "order:301");
  const next = new Lines();
  enableLibwebrtcLog("INFO", next.sink);
  rtcLog("INFO", "next:1");
  await eventually("the next sink", () => next.marked("next:").length === 1);
  assert.deepEqual([lines.marked("order:301").length, next.marked("order:").length], [0, 0]);
});

test("the log gives 1,000 lines per second, and reports how many it left out", async () => {
  const lines = new Lines();
  enableLibwebrtcLog("ERROR", lines.sink);
  const flood = 3_000;
  for (let i = 0; i < flood; i++) rtcLog("ERROR", `flood:${i}`);
  await eventually(
    "a line at the beginning of the gap",
    () => lines.all.some(([line]) => line.startsWith("Lines are left out from here on")),
  );
  let written = flood;
  const leftOut = () =>
    lines.all.reduce(
      (sum, [line]) => sum + Number(/^\((\d+) lines were left/.exec(line)?.[1] ?? 0),
      0,
    );
  const came = () => lines.marked("flood:").length + lines.marked("after:").length;
  await eventually("the number of lines that were left out", () => {
    // Reported by the first line of the next second.
    if (leftOut() === 0) rtcLog("ERROR", `after:${written++}`);
    return leftOut() > 0 && came() + leftOut() === written;
  });
  // The flood may lie across the border of two seconds.
  assert.ok(lines.marked("flood:").length <= 2_000, `${lines.marked("flood:").length} lines came`);
  const numbers = lines.marked("flood:").map(Number);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
});

test("the log has no secrets, and no line without end", async () => {
  const lines = new Lines();
  enableLibwebrtcLog("INFO", lines.sink);
  const secrets = [
    'mark:{"password":"hunter2","user":"u"}',
    "mark:a=ice-pwd:hunter2",
    "mark:access_token=hunter2 and more",
    "mark:Proxy-Authorization: Basic hunter2",
    "mark:credential: 'hunter2'",
    "mark:secret:Proxy-Authorization: Basic hunter2",
    "mark:token = password: 'hunter2'",
    'mark:{"token":"secret":"hunter2"}',
    "mark:pwd=Basic token: hunter2",
    "mark:secretoken: hunter2",
    "mark:Authorization: Bearer  hunter2",
  ];
  for (const line of secrets) rtcLog("INFO", line);
  // As long as what replaces a secret is shorter than the secret, and longer, and of several bytes a character.
  const long = ["x".repeat(60_000), "key=k ".repeat(1_000), "\u{1F600}".repeat(2_000)];
  for (const text of long) rtcLog("INFO", `long:${text}`);
  await eventually("all lines", () => lines.marked("long:").length === long.length);
  assert.equal(lines.marked("mark:").length, secrets.length);
  for (const [line] of lines.all) {
    assert.ok(!line.includes("hunter2"), line);
    assert.ok(new TextEncoder().encode(line).byteLength <= 4_096);
    assert.ok(!line.includes("\uFFFD"), "characters are whole");
  }
  assert.ok(lines.marked("mark:").every((line) => line.includes("***")));
});

test("a line of the log has no control characters, and stays within its bytes", async () => {
  const lines = new Lines();
  enableLibwebrtcLog("INFO", lines.sink);
  const texts = [
    ["a\r\nb\tc\u001b[2J\u007f", "a\\r\\nb\\tc\\u001b[2J\\u007f"],
    ["\u0085\u009b, \u2028\u2029, \u202e\u2069", "\\u0085\\u009b, \\u2028\\u2029, \\u202e\\u2069"],
    ["日本語 \u00a0\u2027\u2065 😀", "日本語 \u00a0\u2027\u2065 😀"],
    ["ends\r\n\n", "ends"],
  ] as const;
  for (const [text] of texts) rtcLog("INFO", `ctl:${text}`);
  rtcLog("INFO", `full:${"\u001b".repeat(5_000)}`);
  await eventually("all lines", () => lines.marked("full:").length === 1);
  assert.deepEqual(lines.marked("ctl:"), texts.map(([, expected]) => expected));
  const [line] = lines.all.find(([line]) => line.includes("full:"))!;
  assert.match(line, /full:(\\u001b)+$/);
  assert.ok(line.length > 4_000 && line.length <= 4_096, `${line.length} bytes`);
});

test("libwebrtc's own lines come, and what a sink throws stops nothing", async () => {
  let calls = 0;
  const { error } = console;
  const printed: unknown[] = [];
  console.error = (value: unknown) => printed.push(value);
  try {
    enableLibwebrtcLog("VERBOSE", () => {
      calls++;
      throw new Error("of the sink");
    });
    await using sora = new Sora();
    sora.createVideoSource();
    await sora.close();
    rtcLog("INFO", "at the end");
    rtcLog("INFO", "at the very end");
    await eventually("lines", () => calls >= 2 && printed.length >= 2);
  } finally {
    enableLibwebrtcLog("NONE");
    console.error = error;
  }
  assert.ok(printed.every((value) => value instanceof Error && value.message === "of the sink"));
});

test("a queue that is closed ends the log that it receives, and no other's", async () => {
  enableLibwebrtcLog("NONE");
  const { functions } = openRealm();
  const alive = functions.sora_live_objects();
  const out = new Uint32Array(1);
  const create = () => {
    assert.equal(functions.sora_queue_create(65_536, out), Result.OK);
    return out[0]!;
  };
  const receiver = create();
  assert.equal(functions.sora_log_enable(receiver, LogSeverity.INFO), Result.OK);
  assert.equal(functions.sora_queue_close(receiver), Result.OK);
  // The log would keep it. What tests before this one closed may still be going.
  await eventually("the end of the queue", () => functions.sora_live_objects() <= alive);
  const lines = new Lines();
  enableLibwebrtcLog("INFO", lines.sink);
  assert.equal(functions.sora_queue_close(create()), Result.OK);
  rtcLog("INFO", "own:1");
  await eventually("the line", () => lines.marked("own:").length === 1);
});

test("enableLibwebrtcLog and rtcLog refuse wrong arguments", () => {
  const wrong: [RegExp, () => unknown][] = [
    [/^severity must be one of "VERBOSE"/, () => enableLibwebrtcLog("DEBUG" as never)],
    [/^sink must be a function/, () => enableLibwebrtcLog("INFO", {} as never)],
    [/^severity must be one of/, () => rtcLog(1 as never, "")],
    [/^text must be a string/, () => rtcLog("INFO", 1 as never)],
    [/^text must have at most 65536 bytes/, () => rtcLog("INFO", "x".repeat(65_537))],
  ];
  for (const [message, call] of wrong) {
    assert.throws(call, { name: /^(Type|Range)Error$/, message });
  }
});

for (const [name, fail] of Object.entries(failures)) {
  test(`a sink of the log that ${name} is written to the console, and gets the next line`, async () => {
    const errors: Error[] = [];
    const printed = await withConsole(async () => {
      enableLibwebrtcLog("ERROR", (line) => {
        if (!line.includes("sink:")) return;
        errors.push(new Error(line));
        return fail(errors.at(-1)!);
      });
      rtcLog("ERROR", "sink:1");
      rtcLog("ERROR", "sink:2");
      await eventually("both lines", () => errors.length === 2);
    }, 2);
    assert.deepEqual(printed, errors);
  });
}
