/** Audio devices through PortAudio, on a PulseAudio of the test's own whose only sink is recorded again. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openSystemLibrary } from "../../ffi/mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { Child, type Ended, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { Pulse, withoutAudioDevices } from "../support/pulse.ts";

const program = new URL("../support/audio_device_program.ts", import.meta.url);
const main = new URL("../../cli/mod.ts", import.meta.url);
const TABLE = { getpid: { parameters: [], result: "i32" } } as const;
const skip = withoutAudioDevices();
let pulse: Pulse;
/** What becomes of a program whose sound server stands still, which takes 15 s. */
let still: Promise<{ readonly ended: Ended; readonly last: string }>;

async function holdServer(): Promise<Awaited<typeof still>> {
  await using own = await Pulse.start();
  await using child = new Child(program, ["still"], undefined, own.env);
  await child.line("flowing");
  own.hold();
  return { ended: await child.ended(28_000), last: child.lines.at(-1) ?? child.errors };
}

before(async () => {
  if (skip !== undefined) return;
  pulse = await Pulse.start();
  still = holdServer();
  still.catch(() => {});
});

after(async () => {
  await pulse?.[Symbol.asyncDispose]();
  await still?.catch(() => {});
});

/** Runs one of the programs, which writes nothing to its standard error, and gives what it prints. */
async function run(what: string, flags?: readonly string[]): Promise<unknown> {
  await using child = new Child(program, [what], flags, pulse.env);
  const { code, signal } = await child.ended();
  assert.deepEqual({ code, signal, errors: child.errors }, { code: 0, signal: null, errors: "" });
  return JSON.parse(child.lines.at(-1) ?? "");
}

/** A test that needs devices. */
function deviceTest(title: string, body: () => Promise<void>): void {
  test(title, async (t) => skip === undefined ? await body() : t.skip(skip));
}

deviceTest(
  "listAudioDevices lists names, interfaces, channels and defaults, and nothing else is printed",
  async () => {
    const devices = await run("list") as Record<string, unknown>[];
    const facts = devices.map(({ name, hostApi, isDefaultInput, isDefaultOutput }) =>
      [name, hostApi, isDefaultInput, isDefaultOutput].join()
    );
    assert.deepEqual(facts.toSorted(), [
      "cable,ALSA,false,false",
      "default,ALSA,true,true",
      "monitor,ALSA,false,false",
      "speaker,ALSA,false,false",
    ]);
    for (const { index, inputChannels, outputChannels, sampleRate, inputLatencyMs } of devices) {
      assert.equal(devices[index as number]!["index"], index);
      assert.deepEqual([inputChannels, outputChannels], [32, 32]);
      assert.ok(sampleRate === 44_100 || sampleRate === 48_000, String(sampleRate));
      assert.ok(inputLatencyMs as number > 0 && inputLatencyMs as number < 1_000);
    }
  },
);

deviceTest(
  "what AudioOutput plays, AudioInput records: the same tone at the same level",
  async () => {
    const heard = await run("tone") as Record<string, number | string>;
    assert.deepEqual([heard["input"], heard["output"]], ["monitor", "cable"]);
    const level = 8_000 / Math.SQRT2;
    assert.ok(Math.abs(heard["level"] as number - level) < level / 50, JSON.stringify(heard));
    assert.ok(heard["other"] as number < level / 50, JSON.stringify(heard));
  },
);

deviceTest("closing an AudioOutput plays all that it has been given", async () => {
  const { ending } = await run("tail") as { ending: number };
  // Without waiting, the last 80 ms would be lost; a busy sound server may lose some as well.
  assert.ok(ending > 1 && ending < 7, `${ending} of the last 6 blocks`);
});

deviceTest(
  "AudioInput gives blocks of 10 ms of all channels, as an iteration and as a stream",
  async () => {
    assert.deepEqual(await run("iteration"), { lengths: [960], after: "CLOSED" });
  },
);

deviceTest("reads end with the AudioInput, and do not mix", async () => {
  assert.deepEqual(await run("ends"), {
    long: "CLOSED",
    second: "INVALID_STATE",
    after: "CLOSED",
  });
});

deviceTest(
  "audio that is read or played too late is counted, and what there is no room for",
  async () => {
    const { dropped } = await run("late") as { dropped: number };
    // Of ten seconds, there is room for one at most.
    assert.ok(dropped > 9 * 48_000 && dropped <= 10 * 48_000, `${dropped}`);
  },
);

deviceTest("a device that is not there, or refuses, is named with the reason", async () => {
  const { name } = await run("unknown") as Record<string, string>;
  assert.match(
    name!,
    /^SoraError: No device "nowhere" records audio: the devices are (\w+, ){3}\w+$/,
  );
});

for (
  const [what, title] of Object.entries({
    forgotten: "a program ends by itself while devices are open",
    exit: "process.exit() ends a program in the middle of opening and reading",
    worker: "Workers with open devices can be terminated",
  })
) {
  deviceTest(title, async () => {
    assert.deepEqual(await run(what), {});
  });
}

deviceTest("an AudioInput that is forgotten is closed when it is collected", async () => {
  const own = await Pulse.start();
  try {
    const others = own.recordings();
    const flags = ["-A", "--v8-flags=--expose-gc"];
    await using child = new Child(program, ["garbage"], flags, own.env);
    await child.line("forgotten");
    await eventually("the end of the recording", () => own.recordings() === others);
    assert.equal(child.errors, "");
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

deviceTest("on Deno, the permission that is missing is named, and it suffices", async () => {
  if (!onDeno) return;
  const flags = ["--no-prompt", "--allow-env", "--allow-read"];
  await using child = new Child(program, ["list"], flags, pulse.env);
  assert.equal((await child.ended()).code, 1);
  const [, flag = ""] =
    /no permission to load libportaudio.so.2: start the program with (\S+)/.exec(child.errors) ??
      [];
  assert.match(flag, /^--allow-ffi=\/usr\/lib.*\/libportaudio.so.2$/, child.errors);
  assert.equal((await run("list", [...flags, flag]) as unknown[]).length, 4);
});

deviceTest(
  "a machine without ALSA's configuration is an error, and does not end the process",
  async () => {
    await using child = new Child(program, ["list"], undefined, { ALSA_CONFIG_PATH: "/nowhere" });
    assert.equal((await child.ended()).code, 1, child.errors);
    assert.match(child.errors, /ALSA has no configuration with a device default: install/);
  },
);

deviceTest("a sound server that is lost fails what is open, and ends nothing else", async () => {
  const own = await Pulse.start();
  await using child = new Child(program, ["lost"], undefined, own.env);
  await child.line("flowing").finally(() => own[Symbol.asyncDispose]());
  const { code, signal } = await child.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  // PortAudio's own words about a device that fails.
  for (const line of child.errors.split("\n")) assert.match(line, /^$|^Expression '/);
  const failed = "DEVICE_FAILED";
  assert.deepEqual(JSON.parse(child.lines.at(-1)!), {
    input: failed,
    output: failed,
    again: failed,
  });
});

deviceTest("openMicrophone records the tone through ffmpeg", async () => {
  const { level } = await run("microphone") as { level: number };
  const expected = 8_000 / Math.SQRT2;
  assert.ok(Math.abs(level - expected) < expected / 20, `${level}`);
});

deviceTest("what a SoraAudioSink receives is heard on the device", async () => {
  const { level } = await run("received") as { level: number };
  // MediaClient sends 10,000; concealment on a busy machine may take more than half of it.
  const expected = 10_000 / Math.SQRT2;
  assert.ok(level > expected / 4 && level < expected * 1.2, `${level}`);
});

deviceTest("sora-ffi devices lists them as lines of JSON", async () => {
  await using child = new Child(main, ["devices"], undefined, pulse.env);
  const { code } = await child.ended();
  assert.deepEqual({ code, errors: child.errors }, { code: 0, errors: "" });
  const lines = child.lines.map((line) => JSON.parse(line));
  const names = (kind: string) =>
    lines.filter((line) => line.kind === kind).map(({ name }) => name);
  assert.deepEqual(names("audio").toSorted(), ["cable", "default", "monitor", "speaker"]);
  // ffmpeg without PulseAudio finds none.
  for (const { device } of lines.filter(({ kind }) => kind === "microphone")) {
    assert.match(device, /^pulse:(cable|speaker)\.monitor$|^alsa:/);
  }
});

deviceTest("sora-ffi send keeps what is no device to real time beside a microphone", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using child = new Child(
    main,
    [
      ...["send", "lavfi:testsrc2=size=160x120:rate=10", "pulse:cable.monitor"],
      ...["--signaling-url", server.url, "--duration", "3"],
    ],
    undefined,
    pulse.env,
  );
  assert.equal((await child.ended()).code, 0, child.errors);
  const { event, frames } = JSON.parse(child.lines.at(-1)!);
  assert.equal(event, "ended");
  // Ten a second, and what ffmpeg has read while the connection began.
  assert.ok(frames > 0 && frames < 50, `${frames} frames`);
});

deviceTest(
  "a sound server that stands still ends reads, writes and closing with TIMEOUT",
  async () => {
    const { ended, last } = await still;
    assert.equal(ended.code, 0, last);
    assert.deepEqual(JSON.parse(last), {
      read: "TIMEOUT",
      written: "TIMEOUT",
      closed: ["TIMEOUT", "TIMEOUT"],
    });
  },
);

test("openSystemLibrary says what to do about a library that is not there, with the loader's text", () => {
  assert.throws(
    () => openSystemLibrary(["libnot-there.so.2", "libnot-there.so.1"], TABLE, "install it"),
    (error: Error & { code?: string }) =>
      error.code === "LIBRARY_NOT_FOUND" &&
      error.message.startsWith(
        "libnot-there.so.2 could not be loaded: install it. The loader's text: ",
      ),
  );
});
