import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SetupMachine, type Tool } from "../support/setup_machine.ts";

interface Refusal {
  readonly what: string;
  readonly lacks?: readonly Tool[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is already downloaded. */
  readonly downloaded?: "everything" | "all but libwebrtc";
  /** The last line that is printed. */
  readonly says: RegExp;
}

const user = { TEST_UID: "1000" };

const refusals: readonly Refusal[] = [
  {
    what: "another system",
    env: { TEST_SYSTEM: "Darwin" },
    says: /^setup: sora-ffi needs Linux, not Darwin$/,
  },
  {
    what: "another processor",
    env: { TEST_PROCESSOR: "riscv64" },
    says: /^setup: sora-ffi needs an x86_64 or aarch64 processor, not riscv64$/,
  },
  {
    what: "a glibc that is too old",
    env: { TEST_LIBC: "glibc 2.28" },
    says: /^setup: sora-ffi needs glibc 2\.31 or later, not 2\.28: use .*Debian 11/,
  },
  {
    what: "another C library",
    env: { TEST_LIBC: "none" },
    says: /^setup: sora-ffi needs glibc 2\.31 or later, not another C library/,
  },
  {
    what: "no root and no Python",
    lacks: ["python3"],
    env: user,
    says:
      /^setup: Missing: python3 python3-venv ca-certificates \(Python installs .*\)\. Run as root: apt-get install -y --no-install-recommends python3 python3-venv ca-certificates$/,
  },
  {
    what: "no root and no ffmpeg",
    lacks: ["ffprobe"],
    env: user,
    says: /^setup: Missing: ffmpeg ca-certificates \(ffmpeg .*\)\. Run as root: apt-get install /,
  },
  {
    what: "no root and nothing at all, in one sentence",
    lacks: ["python3", "ffmpeg"],
    env: user,
    says: /^setup: Missing: python3 python3-venv ffmpeg ca-certificates \(.*\)\. Run as /,
  },
  {
    what: "no apt-get",
    lacks: ["ffmpeg", "apt-get"],
    env: user,
    says:
      /^setup: Missing: ffmpeg .*This machine has no apt-get: install them with its own package manager$/,
  },
  {
    what: "an apt-get that cannot install",
    lacks: ["ffmpeg"],
    env: { TEST_APT: "broken" },
    downloaded: "everything",
    says: /^setup: apt-get could not install ffmpeg .*: E: broken package$/,
  },
  {
    what: "no network for what is missing",
    lacks: ["ffmpeg"],
    env: { TEST_APT: "offline" },
    downloaded: "everything",
    says:
      /^setup: No network: apt-get cannot fetch ffmpeg ca-certificates \(.*\): W: Failed to fetch /,
  },
  {
    what: "no network for libwebrtc",
    downloaded: "all but libwebrtc",
    env: { TEST_APT: "offline", SORA_DEBIAN_MIRROR: "http://mirror.example/debian" },
    says: /^setup: No network: apt-get cannot reach the mirror of Debian \w+: W: Failed to fetch /,
  },
  {
    what: "too little room",
    env: { TEST_FREE_MB: "120" },
    says:
      /^setup: sora-ffi needs \d+ MB in .*a checkout, and there are only 120 MB free \(df -h \.\)$/,
  },
  {
    what: "no Debian mirror",
    says: /^setup: libwebrtc comes from Debian, .*as in SORA_DEBIAN_MIRROR=http:.* make test$/,
  },
  {
    what: "a mirror that does not answer",
    downloaded: "all but libwebrtc",
    env: { TEST_APT: "broken", SORA_DEBIAN_MIRROR: "http://mirror.example/debian" },
    says:
      /^setup: Could not read the package index of Debian \w+ .* set SORA_DEBIAN_MIRROR: E: broken package$/,
  },
  {
    what: "an npm that fails",
    env: { TEST_NPM: "broken" },
    downloaded: "everything",
    says: /^setup: npm ci failed; its message is above$/,
  },
];

for (const { what, lacks, env, downloaded, says } of refusals) {
  test(`the set-up reports in one line what to do about ${what}`, () => {
    using machine = new SetupMachine(lacks);
    if (downloaded !== undefined) machine.download();
    if (downloaded === "all but libwebrtc") {
      rmSync(join(machine.root, ".deps/sysroot"), { recursive: true });
    }
    const { code, said } = machine.setUp(env, ["tests"]);
    assert.equal(code, 1, said);
    assert.match(said.trimEnd().split("\n").at(-1) ?? "", says);
  });
}

test("the set-up installs nothing before it knows that it can go on", () => {
  using machine = new SetupMachine(["ffmpeg", "python3"]);
  const { code, calls } = machine.setUp({}, ["tests"]);
  assert.equal(code, 1);
  assert.deepEqual(calls.filter((call) => call.startsWith("apt-get install")), []);
});

test("the set-up installs what is missing as root, certificates first for an https mirror", () => {
  using machine = new SetupMachine(["ffmpeg"]);
  const { calls } = machine.setUp({
    TEST_APT: "works",
    SORA_DEBIAN_MIRROR: "https://mirror.example/debian",
  }, ["tests"]);
  const apt = calls.filter((call) => call.startsWith("apt-get"));
  assert.match(apt[0] ?? "", /^apt-get install .* ca-certificates$/);
  assert.match(apt[1] ?? "", / update$/);
});

test("building needs no ffmpeg, the demo fetches it, the tests install it after what building needs", () => {
  using machine = new SetupMachine(["ffmpeg"]);
  machine.download();
  const fetched = (calls: readonly string[]) => calls.filter((call) => call.includes("ffmpeg"));
  assert.deepEqual(fetched(machine.setUp(user).calls), []);
  const demo = machine.setUp(user, ["demo"]);
  assert.equal(demo.code, 0, demo.said);
  assert.match(fetched(demo.calls)[0] ?? "", /^python -m pip install .* setup\/ffmpeg\.txt$/);
  assert.deepEqual(fetched(machine.setUp(user, ["demo"]).calls), []);
  const tests = machine.setUp({}, ["tests"]);
  assert.match(fetched(tests.calls)[0] ?? "", /^apt-get install .* ffmpeg ca-certificates$/);
});

test("a build that runs beside the set-up decides how it ends", () => {
  using machine = new SetupMachine();
  machine.download();
  const build = (script: string) => machine.setUp(user, ["demo", "bash", "-c", script]);
  assert.equal(build("test -e .deps/venv/.compiler.stamp && exit 42").code, 42);
  assert.equal(build("exit 0").code, 0);
});

test("a set-up that fails ends the build beside it, and does not begin one that cannot succeed", () => {
  const forEver = ["demo", "bash", "-c", "echo builds >&2; while :; do :; done"];
  using machine = new SetupMachine(["python3"]);
  machine.download();
  const early = machine.setUp(user, forEver);
  assert.equal(early.code, 1);
  assert.doesNotMatch(early.said, /builds/);
  using other = new SetupMachine();
  other.download();
  // It returns only when nobody can write to its standard error any more.
  const late = other.setUp({ ...user, TEST_NPM: "broken" }, forEver);
  assert.equal(late.code, 1);
  assert.match(late.said, /setup: npm ci failed/);
});

test("the set-up runs each step once, and again when its input has changed", () => {
  using machine = new SetupMachine();
  machine.download();
  const steps = (calls: readonly string[]) =>
    calls.filter((call) => /^(deno run|python.* (venv|pip)|apt-get) /.test(call))
      .map((call) =>
        call.replace(/^deno run .* (ci) .*/, "npm $1").split(" ").slice(0, 3).join(" ")
      );
  const first = machine.setUp(user);
  assert.equal(first.code, 0, first.said);
  assert.deepEqual(steps(first.calls), [
    "python3 -m venv",
    "python -m pip",
    "python -m pip",
    "npm ci",
  ]);

  const began = performance.now();
  const second = machine.setUp(user);
  console.log(`the set-up with everything in place: ${Math.round(performance.now() - began)} ms`);
  assert.deepEqual({ code: second.code, said: second.said }, { code: 0, said: "" });
  assert.deepEqual(steps(second.calls), []);

  machine.edit("package-lock.json", (text) => `${text}\n`);
  assert.deepEqual(steps(machine.setUp(user).calls), ["npm ci"]);
  machine.edit("setup/requirements.txt", (text) => `${text}\n`);
  assert.deepEqual(steps(machine.setUp(user).calls), [
    "python3 -m venv",
    "python -m pip",
    "python -m pip",
  ]);
  assert.deepEqual(steps(machine.setUp(user).calls), []);
  const stamp = readFileSync(join(machine.root, ".deps/venv/.stamp"), "utf8");
  assert.match(stamp, /^[0-9a-f]{64}\n$/);
});

test("the set-up fetches what only the tests need when it is for them", () => {
  using machine = new SetupMachine(["espeak-ng"]);
  machine.download();
  assert.equal(machine.setUp(user).code, 0, "building and the demo need no espeak-ng");
  const { code, said } = machine.setUp(user, ["tests"]);
  assert.equal(code, 1);
  assert.match(said, /setup: Missing: espeak-ng .*\n$/);
  assert.match(machine.setUp(user, ["test"]).said, /, or the word demo or tests, not 'test'\n$/);
  using complete = new SetupMachine();
  complete.download();
  rmSync(join(complete.root, ".deps/deno-bundler"), { recursive: true });
  const refused = complete.setUp(user, ["tests"]);
  assert.equal(refused.code, 1, "npm packs nothing here");
  assert.match(refused.said, /setup: @esbuild\/linux-x64 is not the pinned one\n$/);
});

test("the set-up installs Debian's browsers for the tests, and leaves their tests out elsewhere", () => {
  const installed = (calls: readonly string[]) =>
    calls.filter((call) => call.startsWith("apt-get install"));
  const lacks = ["chromium", "firefox-esr"] as const;
  using machine = new SetupMachine(lacks);
  machine.download();
  assert.deepEqual(installed(machine.setUp({}, ["demo"]).calls), []);
  const { calls } = machine.setUp({}, ["tests"]);
  assert.match(installed(calls)[0] ?? "", / chromium firefox-esr ca-certificates$/);
  assert.match(
    machine.setUp(user, ["tests"]).said,
    /^setup: Missing: chromium firefox-esr ca-certificates \(chromium is a client in tests; firefox-esr .*/m,
  );
  using other = new SetupMachine(lacks, "ubuntu");
  other.download();
  const { code, said, calls: otherCalls } = other.setUp({}, ["tests"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installed(otherCalls), []);
  assert.match(said, /^setup: the tests in browsers are left out where Debian's chromium and /m);
});

test("the set-up installs PulseAudio and PortAudio for the tests as root, and leaves their tests out otherwise", () => {
  using machine = new SetupMachine(["pulseaudio"]);
  machine.download();
  const { code, said } = machine.setUp(user, ["tests"]);
  assert.equal(code, 0, said);
  assert.match(
    said,
    /^setup: the tests with audio devices are left out, which need pulseaudio and /m,
  );
  const { calls } = machine.setUp({}, ["tests"]);
  assert.ok(
    calls.some((call) => /^apt-get install .* pulseaudio libportaudio2 /.test(call)),
    calls.join("\n"),
  );
});

test("the set-up leaves the tests on arm64 out, with the reason, when it cannot fetch what they need", () => {
  using machine = new SetupMachine();
  machine.download();
  const { code, said } = machine.setUp(user, ["tests"]);
  assert.equal(code, 0, said);
  assert.match(said, /^setup: .*apt.*\nsetup: the tests on arm64 are left out\n$/m);
});

test("two set-ups in one folder wait for each other", async () => {
  using machine = new SetupMachine();
  machine.download();
  mkdirSync(join(machine.root, ".deps"), { recursive: true });
  const other = spawn("flock", [
    join(machine.root, ".deps/.lock"),
    "sh",
    "-c",
    "echo locked; read _",
  ]);
  await once(other.stdout, "data");
  const waiting = machine.begin(user);
  const said = await waiting.says(/waiting/);
  assert.equal(said, "setup: waiting for another set-up in this folder\n");
  other.stdin.end("\n");
  assert.equal(await waiting.ended(), 0);
});
