/** The command line of `sora-ffi`: what needs neither the native library nor a process. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { columns } from "../../cli/terminal/columns.ts";
import { Interrupted } from "../../cli/command.ts";
import { CONNECTION_FLAGS } from "../../cli/connection/flags.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { codecTable } from "../../cli/commands/codecs.ts";
import {
  type CheckName,
  examine,
  failed,
  type Finding,
  ok,
  skippedWithout,
} from "../../cli/doctor/finding.ts";
import { reportJson, reportText } from "../../cli/doctor/report.ts";
import { run } from "../../cli/run.ts";
import { SoraVideoCodecCapability, version } from "../../mod.ts";

class Text {
  readonly isTTY = true;
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

/** Runs a command line, and gives what it printed and its exit code. */
async function outcome(...args: readonly string[]) {
  const [stdout, stderr] = [new Text(), new Text()];
  const code = await run(args, { stdout, stderr, signal: new AbortController().signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test("--help names every command and every option", async () => {
  const { code, stdout, stderr } = await outcome("--help");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const name of Object.keys(COMMANDS)) {
    assert.match(stdout, new RegExp(`^  ${name} +\\S`, "m"));
  }
  for (const name of ["help", "version"]) {
    assert.match(stdout, new RegExp(`^  --${name} +\\S`, "m"));
  }
});

for (const [name, { options }] of Object.entries(COMMANDS)) {
  test(`${name} --help names its options and does nothing else`, async () => {
    const { code, stdout, stderr } = await outcome(name, "--help");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, new RegExp(`^Usage: sora-ffi ${name} `));
    for (const [option, { value }] of [...Object.entries(options), ["help", {}] as const]) {
      const pattern = `^  --${option}${value === undefined ? "" : ` ${value}`} +\\S`;
      assert.match(stdout, new RegExp(pattern, "m"));
    }
  });
}

test("docs/server.md describes each option of the server", () => {
  const guide = readFileSync(new URL("../../docs/server.md", import.meta.url), "utf8");
  for (const option of Object.keys(COMMANDS.server!.options)) {
    assert.match(guide, new RegExp(`^\\|.*\`--${option}\`.*\\|$`, "m"));
  }
});

for (const name of ["stats", "load", "doctor"]) {
  test(`docs/cli-tools.md describes each option of ${name}`, () => {
    const guide = readFileSync(new URL("../../docs/cli-tools.md", import.meta.url), "utf8");
    const known = new Set(Object.keys(CONNECTION_FLAGS));
    for (const option of Object.keys(COMMANDS[name]!.options)) {
      if (!known.has(option)) assert.ok(guide.includes(`\`--${option}`), option);
    }
  });
}

test("--version prints the package's version", async () => {
  assert.deepEqual(await outcome("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
});

const names = Object.keys(COMMANDS).join(", ");
const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], new RegExp(`^sora-ffi needs a command: ${names} \\(.*--help.*\\)\n$`)],
  [["srver"], new RegExp(`^sora-ffi has no command "srver": it has ${names} \\(.*\\)\n$`)],
  [["constructor"], /^sora-ffi has no command "constructor": .*\n$/],
  [["a\u001b[2J"], /^sora-ffi has no command "a\\u001b\[2J": .*\n$/],
  [["--verbose"], /^Unknown option '--verbose': "sora-ffi --help" lists the options\n$/],
  [["codecs", "--verbose"], /^Unknown option '--verbose': "sora-ffi codecs --help" lists .*\n$/],
  [["codecs", "extra"], /^Unexpected argument 'extra': .*\n$/],
  [["codecs", "--openh264"], /^Option '--openh264 <value>' argument missing: .*\n$/],
  [["codecs", "--openh264", ""], /^--openh264 must not be empty\n$/],
  [["server", "--port", "x"], /^--port must be an integer, not "x"\n$/],
  [["server", "--port", "65536"], /^--port must be an integer from 0 to 65535, not 65536\n$/],
];
for (const [args, message] of wrong) {
  test(`wrong usage is one sentence and exit code 2: ${JSON.stringify(args)}`, async () => {
    const { code, stdout, stderr } = await outcome(...args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, message);
  });
}

test("columns are as wide as their widest cell but for the last of a line", () => {
  const lines = [["a", "bb", "c"], ["aaa", "b", "a long text"], ["a", "a longer text"]];
  assert.equal(columns(lines), "a    bb  c\naaa  b   a long text\na    a longer text\n");
});

test("codecTable has a line for each engine, or why it is not available", () => {
  const capability = new SoraVideoCodecCapability(
    [{
      name: "INTERNAL",
      codecs: [
        { type: "VP8", encoder: true, decoder: true },
        { type: "AV1", encoder: false, decoder: true },
        { type: "H264", encoder: false, decoder: false },
      ],
      parameters: {},
    }],
    [{ name: "AMD_AMF", reason: "no driver" }],
  );
  assert.deepEqual(codecTable(capability).split("\n"), [
    "engine    VP8             AV1     H264",
    "INTERNAL  encode, decode  decode",
    "AMD_AMF   not available: no driver",
    "",
  ]);
});

test("codecTable has the sizes of a device below its engine", () => {
  const sizes = { minWidth: 128, minHeight: 96, maxWidth: 4096, maxHeight: 2304 };
  const capability = new SoraVideoCodecCapability([{
    name: "INTEL_VPL",
    codecs: [
      { type: "AV1", encoder: true, decoder: true, encoderSizes: sizes, decoderSizes: sizes },
      { type: "H265", encoder: false, decoder: true, decoderSizes: { ...sizes, minWidth: 64 } },
      { type: "VP8", encoder: false, decoder: false },
    ],
    parameters: {},
  }], []);
  assert.deepEqual(codecTable(capability).split("\n"), [
    "engine     AV1             H265    VP8",
    "INTEL_VPL  encode, decode  decode",
    "           AV1 encodes 128x96 to 4096x2304, decodes 128x96 to 4096x2304",
    "           H265 decodes 64x96 to 4096x2304",
    "",
  ]);
});

const fine = () => ok("fine");
const checks: Readonly<Partial<Record<CheckName, () => Finding>>> = {
  runtime: fine,
  system: fine,
  library: fine,
  codecs: fine,
  udp: fine,
  connection: fine,
};
const { signal } = new AbortController();

test("examine takes what a check throws as its finding, and goes on", async () => {
  const findings = await examine({
    ...checks,
    library: () => {
      throw new Error("it is not there");
    },
    codecs: (findings) => skippedWithout(findings, "library") ?? fine(),
    udp: (findings) => skippedWithout(findings, "runtime") ?? fine(),
  }, signal);
  assert.deepEqual(findings.get("library"), failed("it is not there"));
  assert.equal(findings.get("codecs")?.verdict, "skipped");
  assert.equal(findings.get("udp")?.verdict, "ok");
  assert.equal(findings.size, 6);
});

test("examine ends when it is interrupted", async () => {
  const interrupting = new AbortController();
  const examined = examine({
    ...checks,
    system: () => {
      interrupting.abort(new Interrupted());
      throw interrupting.signal.reason;
    },
    udp: () => assert.fail("it went on"),
  }, interrupting.signal);
  await assert.rejects(examined, Interrupted);
});

test("the report sums up, for people and for programs", async () => {
  const well = await examine(checks, signal);
  assert.match(reportText(well), /^ok {7}runtime {5}fine\n/);
  assert.match(reportText(well), /\n\nAll is well\.\n$/);
  assert.equal(JSON.parse(reportJson(well)).ok, true);

  const ill = await examine({
    ...checks,
    library: () => failed("no library\nInstall it", { path: null }),
    codecs: () => ({ verdict: "skipped", text: "not tried" }),
    udp: () => failed("no UDP"),
  }, signal);
  const text = reportText(ill);
  assert.match(
    text,
    /^FAILED {3}library {5}no library\n {21}Install it\nskipped {2}codecs {6}not tried$/m,
  );
  assert.match(text, /\n\nNot all is well: library, udp\.\n$/);
  const json = reportJson(ill);
  assert.equal(json.trimEnd().includes("\n"), false, "one line");
  assert.deepEqual(JSON.parse(json).checks.library, {
    verdict: "failed",
    text: "no library\nInstall it",
    path: null,
  });
  assert.equal(JSON.parse(json).ok, false);
});
