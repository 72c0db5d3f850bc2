/** `sora-ffi receive`: its command line, its clock and its sheets, without a connection. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ContactSheet } from "../../cli/receive/contact_sheet.ts";
import { receivePlan } from "../../cli/receive/plan.ts";
import { SteadyClock } from "../../cli/receive/steady_clock.ts";
import { run } from "../../cli/run.ts";

const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /^--output must name a file, recorded\.mp4 for instance, or be -\n$/],
  [["--output", ""], /^--output must name a file/],
  [["--output", "a.mp4", "--format", "y4m"], /^--format is for standard output: /],
  [["--output", "-", "--format", "mp4"], /^--format must be one of "matroska", "y4m", "wav", /],
  [["--output", "a.wav", "--no-audio"], /^--no-audio leaves nothing for a\.wav\n$/],
  [["--output", "a.y4m", "--no-video"], /^--no-video leaves nothing for a\.y4m\n$/],
  [["--output", "a.mp4", "--no-video", "--no-audio"], /^--no-video and --no-audio exclude /],
  [["--output", "a.wav", "--frames", "3"], /^--frames needs video\n$/],
  [["--output", "a.png", "--duration", "3"], /^--duration is not for sheets: /],
  [["--output", "a.mp4", "--every", "3"], /^--every is for sheets: --output must end in \.png\n$/],
  [
    ["--output", "a.png", "--frames", "401"],
    /^--frames must be an integer from 1 to 400, not 401\n$/,
  ],
  [["--output", "a.mp4", "--simulcast-request-rid", "r3"], /^--simulcast-request-rid must be one /],
  [["--output", "a.mp4", "extra"], /^Unexpected argument 'extra'/],
];
for (const [args, message] of wrong) {
  test(`receive with wrong usage says so in a sentence: ${JSON.stringify(args)}`, async () => {
    let stderr = "";
    const code = await run(["receive", ...args], {
      stdout: { write: () => assert.fail("it printed a result") },
      stderr: { write: (text) => stderr += text },
      signal: new AbortController().signal,
    });
    assert.match(stderr, message);
    assert.equal(code, 2);
  });
}

test("receivePlan wants of the connection what the file can have", () => {
  const kinds = (output: string) => {
    const { connection: { video, audio }, isSheet, frames } = receivePlan({ output });
    return [video, audio, isSheet, frames];
  };
  assert.deepEqual(kinds("a.mp4"), [true, true, false, undefined]);
  assert.deepEqual(kinds("a.y4m"), [true, false, false, undefined]);
  assert.deepEqual(kinds("A.WAV"), [false, true, false, undefined]);
  assert.deepEqual(kinds("a.png"), [true, false, true, 9]);
  assert.deepEqual(kinds("-"), [true, true, false, undefined]);
});

test("receivePlan requests a layer only when one is named", () => {
  const { connection } = receivePlan({ output: "a.mp4", "simulcast-request-rid": "r1" });
  assert.deepEqual([connection.simulcast, connection.simulcastRequestRid], [true, "r1"]);
  assert.ok(!("simulcast" in receivePlan({ output: "a.mp4" }).connection));
});

test("SteadyClock takes the jitter of arrivals away, and follows when something was lost", () => {
  const clock = new SteadyClock();
  const jitter = [0, 30, 5, 60, 2];
  const times = jitter.map((late, n) => clock.next(1_000 + n * 33, n * 33 + late));
  assert.deepEqual(times, [0, 33, 66, 99, 132]);
  // A second was lost on the way: what follows is as late as it came.
  assert.equal(clock.next(1_165, 1_165), 1_165);
  assert.equal(clock.next(1_198, 1_190), 1_198);
  // A clock that jumps back: time stands still until it is due again.
  assert.equal(clock.next(0, 1_197), 1_198);
  assert.equal(clock.next(33, 1_240), 1_230);
});

test("ContactSheet has its frames in rows from the left, smaller than they were", () => {
  const sheet = new ContactSheet(3);
  const colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]] as const;
  for (const colour of colours) {
    sheet.add(Uint8Array.from({ length: 640 * 360 * 3 }, (_, i) => colour[i % 3]!), 640, 360);
  }
  const { rgb, width, height } = sheet.render();
  assert.deepEqual([width, height], [644, 364]);
  const at = (
    x: number,
    y: number,
  ) => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  assert.deepEqual([at(0, 0), at(319, 179)], [colours[0], colours[0]]);
  assert.deepEqual([at(324, 0), at(0, 184)], [colours[1], colours[2]]);
  assert.deepEqual([at(321, 0), at(0, 182), at(400, 200)], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]);
});

test("a ContactSheet of one frame is the frame", () => {
  const sheet = new ContactSheet(1);
  const frame = Uint8Array.from({ length: 400 * 2 * 3 }, (_, i) => i % 251);
  sheet.add(frame, 400, 2);
  frame.fill(0);
  const { rgb, width, height } = sheet.render();
  assert.deepEqual([width, height], [400, 2]);
  assert.deepEqual([...rgb.subarray(0, 5)], [0, 1, 2, 3, 4]);
});
