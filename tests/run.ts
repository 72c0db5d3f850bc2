/**
 * Runs every check and every test, on Deno and on Bun, and ends with one line: `N passed, N failed`.
 *
 * Words narrow it down to the stages that have them all in their name: `make test ARGS='unit bun'`.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alone, longest } from "./support/run_order.ts";
import { killStages, type Outcome, type Stage } from "./support/stage.ts";
import {
  canary,
  report,
  runAgain,
  runInTurn,
  runTogether,
  summary,
  toRunAgain,
} from "./support/stages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
Deno.chdir(root);
const deno = Deno.execPath();
const bun = `${root}.deps/bin/bun`;
const zig = [`${root}.deps/venv/bin/python`, "-m", "ziglang"] as const;
/** By itself Zig compiles one file less at a time than there are cores. */
const jobs = `-j${navigator.hardwareConcurrency + 1}`;
const reports = "out/test";

/** The files below a folder of the checkout, or none when it is not there: a stage without files fails. */
function filesUnder(folder: string, suffixes: readonly string[]): string[] {
  const found: string[] = [];
  if (!existsSync(folder)) return found;
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesUnder(path, suffixes));
    else if (suffixes.some((suffix) => path.endsWith(suffix))) found.push(path);
  }
  return found.sort();
}

/** The rooms whose exports have programs in their doc comments. */
const documentedRooms = [
  "mod.ts",
  "base",
  "cli",
  "devices",
  "files",
  "opentelemetry",
  "sdk",
  "sfu",
] as const;

/** Checks that count as one each. */
function checks(): Stage[] {
  const sources = [
    ...filesUnder("csrc", [".h", ".cpp"]),
    ...filesUnder("tests/drivers", [".h", ".cpp"]),
  ];
  const modules = [
    "mod.ts",
    "files/mod.ts",
    "devices/mod.ts",
    "opentelemetry/mod.ts",
    "sfu/mod.ts",
    "cli/mod.ts",
  ];
  const clangFormat = `${root}.deps/venv/bin/clang-format`;
  return [
    { name: "deno check", command: [deno, "check", "--quiet"], limitS: 180 },
    {
      name: "deno check of doc comments",
      command: [deno, "check", "--quiet", "--doc-only", ...documentedRooms],
      limitS: 180,
    },
    { name: "deno lint", command: [deno, "lint", "--quiet"], limitS: 120 },
    { name: "deno fmt", command: [deno, "fmt", "--check", "--quiet"], limitS: 120 },
    { name: "deno doc", command: [deno, "doc", "--lint", "--quiet", ...modules], limitS: 120 },
    {
      name: "clang-format",
      command: [clangFormat, "--dry-run", "--Werror", ...sources],
      limitS: 120,
    },
    { name: "zig fmt", command: [...zig, "fmt", "--check", "build.zig", "build"], limitS: 120 },
  ];
}

type Runtime = "deno" | "bun";
const runtimes: readonly Runtime[] = ["deno", "bun"];

/** A run of test files in one process of a runtime. */
function testRun(runtime: Runtime, label: string, files: readonly string[], limitS: number): Stage {
  const name = `${label} on ${runtime}`;
  const report = `${reports}/${name.replaceAll(/\W+/g, "-")}.xml`;
  const paths = files.map((file) => `./${file}`);
  const command: Stage["command"] = runtime === "deno"
    ? [deno, "test", "-A", "--no-check", `--junit-path=${report}`, ...paths]
    : [
      bun,
      "test",
      "--timeout=30000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...paths,
    ];
  const env = { SORA_TEST_RUNTIME: runtime };
  const stage: Stage = { name, command, limitS, env, tests: { report, files }, again: () => stage };
  return stage;
}

/** The name of a test file: `exit` for `tests/e2e/exit_test.ts`. */
const testName = (file: string) => file.replace(/^.*\/(.*)_test\.ts$/, "$1");

/** The test files of a folder. */
function testFiles(folder: string, only: (name: string) => boolean = () => true): string[] {
  return filesUnder(`tests/${folder}`, ["_test.ts"]).filter((file) => only(testName(file)));
}

/** Whether a unit test is one of the embedded server, which loads the native library. */
const isOfServer = (name: string) => name.startsWith("sfu_");

/** Unit tests share a process: those that need no native library one, and those of the embedded server another. */
function unitRuns(label: "unit" | "unit/sfu"): Stage[] {
  const files = testFiles("unit", (name) => isOfServer(name) === (label === "unit/sfu"));
  return runtimes.map((runtime) => testRun(runtime, label, files, 600));
}

/** Tests that load the native library have a process for each file, so that a crash says where it was. */
function testRuns(
  folder: "native" | "e2e" | "packages" | "sora",
  only?: (name: string) => boolean,
): Stage[] {
  return testFiles(folder, only).flatMap((file) =>
    runtimes.map((runtime) => testRun(runtime, `${folder}/${testName(file)}`, [file], 240))
  );
}

/** Whether an end-to-end test needs the stand-ins for drivers. */
const isOnDrivers = (name: string) => name.startsWith("hardware");

/** The end-to-end tests that run side by side, the longest first. */
function sideBySideRuns(): Stage[] {
  const missing = [...alone, ...longest].filter((name) => !existsSync(`tests/e2e/${name}_test.ts`));
  if (missing.length > 0) throw new Error(`tests/e2e has no such tests: ${missing.join(", ")}`);
  const place = new Map(longest.map((name, index) => [name, index]));
  const placeOf = (stage: Stage) => place.get(testName(stage.tests!.files[0]!)) ?? longest.length;
  const onDrivers = testRuns("e2e", isOnDrivers)
    .map((stage) => ({ ...stage, after: driversBuild }));
  return testRuns("e2e", (name) => !alone.has(name) && !isOnDrivers(name))
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .concat(onDrivers);
}

/** Takes the processor time that other stages leave: what compiles and computes for minutes, while tests end to end mostly wait. */
const behind = ["nice", "-n", "10"] as const;

/**
 * The C++ tests of some files, which a step of the build runs: those that have all of the words in their name, and none of those
 * behind a `-`.
 */
function cppRun(
  name: string,
  step: string,
  files: readonly string[],
  { env = {}, words = [] }: {
    env?: Readonly<Record<string, string>>;
    words?: readonly string[];
  } = {},
): Stage {
  const report = `${reports}/${[step, ...words].join("-")}.xml`;
  const command: Stage["command"] = [
    ...behind,
    ...zig,
    "build",
    step,
    ...(words.length ? ["--", ...words] : []),
  ];
  return {
    name,
    command,
    limitS: 2400,
    env: { ...env, SORA_TEST_REPORT: report },
    tests: { report, files },
    again(failure) {
      const [test = ""] = /^\w+/.exec(failure) ?? []; // `NAME: this does not hold: …`
      const one = files.filter((file) => Deno.readTextFileSync(file).includes(`TEST(${test})`));
      return cppRun(`${test}, once more`, step, one, { env, words: [test] });
    },
  };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    killStages();
    Deno.exit(130);
  });
}
if (!Deno.stdout.isTerminal()) Deno.env.set("NO_COLOR", "1");
await Deno.mkdir(reports, { recursive: true });

const wanted = (stage: Stage) => Deno.args.every((word) => stage.name.includes(word));
const cppTests = (...folders: string[]) =>
  folders.flatMap((folder) => filesUnder(`csrc/tests/${folder}`, ["_test.cpp"]));
const brokenFrames = "csrc/tests/codecs/broken_test.cpp";
const hardwareRounds = "csrc/tests/hardware/rounds_test.cpp";
const cpp = [
  cppRun(
    "C++ tests of the inner parts with AddressSanitizer",
    "asan-codec-test",
    cppTests("core", "codecs", "runtime", "media", "peer", "transport").filter((file) =>
      file !== brokenFrames
    ),
    { env: { SORA_TEST_ROUNDS: "100" }, words: ["-broken"] },
  ),
  cppRun("C++ tests with AddressSanitizer", "asan-test", cppTests("api")),
  // More than half of the inner parts' time: by itself, so that both halves end together.
  cppRun(
    "C++ tests of broken frames with AddressSanitizer",
    "asan-codec-test",
    [brokenFrames],
    { words: ["broken"] },
  ),
  // AddressSanitizer finds the leaks of a round; what stays allocated after many, only the real allocator shows.
  cppRun("C++ tests of what codecs leave behind", "codec-test", [
    "csrc/tests/codecs/rounds_test.cpp",
  ], {
    words: ["leaves_no_memory"],
  }),
  cppRun("C++ tests", "test", cppTests("api", "srtp")),
  // Intel has no headers for arm64.
  ...(Deno.build.arch === "aarch64" ? [] : [
    cppRun(
      "C++ tests of engines over drivers with AddressSanitizer",
      "asan-hardware-test",
      cppTests("hardware").filter((file) => file !== hardwareRounds),
      { words: ["-get_everything_back"] },
    ),
    // For the same reason as above.
    cppRun("C++ tests of what engines over drivers leave behind", "hardware-test", [
      hardwareRounds,
    ], {
      words: ["get_everything_back"],
    }),
  ]),
  cppRun("C++ fuzz targets", "fuzz-test", filesUnder("csrc/fuzz", ["_fuzz.cpp"])),
];
const other = Deno.build.arch === "aarch64" ? "amd64" : "arm64";
const otherBuild = testRun("deno", `${other} build`, testFiles("build"), 1200);
const cross: Stage = { ...otherBuild, command: [...behind, ...otherBuild.command] };
const emulated: Stage = {
  ...testRun("deno", "arm64 emulated", testFiles("emulated"), 720),
  after: cross,
};
const portsBuild = testRun("deno", "macOS and Windows build", testFiles("ports"), 1200);
const ports: Stage = { ...portsBuild, command: [...behind, ...portsBuild.command] };
// Foreign programs on one runtime: what drives them is the same on both.
const driversBuild: Stage = {
  name: "stand-in drivers",
  command: [...behind, ...zig, "build", "drivers"],
  limitS: 600,
};
const onDrivers: Stage = {
  ...testRun("deno", "stand-in drivers against foreign clients", testFiles("drivers"), 240),
  after: driversBuild,
};
// What a browser shows is the same, whoever wrote the pages.
const site = testRun("deno", "site", testFiles("site"), 240);
const onPackages = testRuns("packages").filter(wanted);
const onLibrary = [
  ...onPackages,
  ...[...unitRuns("unit/sfu"), ...sideBySideRuns(), ...testRuns("native"), ...testRuns("sora")]
    .filter(wanted),
];
const inTurn = testRuns("e2e", (name) => alone.has(name)).filter(wanted);
const library: Stage = {
  name: "native library",
  // Others wait for it.
  command: [...zig, "build", jobs, "install", "h265-test-library"],
  limitS: 600,
};
const packages = "out/packages";
const packing: Stage = {
  name: "packages",
  command: [deno, "run", "-A", "packages/main.ts", "--host", "--out", packages],
  limitS: 300,
};
// The longest first, so that both cores are busy to the end.
const inBackground = [
  ...cpp.slice(0, 1),
  cross,
  // Intel has no headers for arm64.
  ...(Deno.build.arch === "aarch64" ? [] : [driversBuild]),
  cpp[1]!,
  emulated,
  ports,
  ...cpp.slice(2),
  ...(Deno.build.arch === "aarch64" ? [] : [onDrivers]),
].filter((stage) => wanted(stage) || onLibrary.some(({ after }) => after === stage));
const together = [
  ...(onLibrary.length + inTurn.length > 0 || wanted(library) ? [library] : []),
  ...[...unitRuns("unit"), site, ...checks()].filter(wanted),
];
if (inBackground.length + together.length + onLibrary.length + inTurn.length === 0) {
  console.error(`No stage has all of these words in its name: ${Deno.args.join(" ")}`);
  Deno.exit(2);
}
const background = runTogether(inBackground, 2);
const outcomes = new Map<Stage, Outcome>();
const keep = (more: ReadonlyMap<Stage, Outcome>) =>
  more.forEach((one, of) => outcomes.set(of, one));
keep(await runTogether(together, 2));
const libraryFailed = outcomes.get(library)?.failed;
// Packed once; each file of the tests reads them.
if (!libraryFailed && onPackages.length > 0) {
  keep(await runTogether([packing], 1));
  Deno.env.set("SORA_TEST_PACKAGES", packages);
}
// Each waits for three quarters of its time.
if (!libraryFailed) keep(await runTogether(onLibrary, 4));
keep(await background);
if (libraryFailed) {
  console.log("The native library could not be built: the tests that open it are left out.");
} else {
  keep(await runInTurn(inTurn));
}
const again = toRunAgain(outcomes);
if (again.size > 0) console.log("Once more, alone, what failed:");
const before = new Map([...again.keys()].map((stage) => [stage, outcomes.get(stage)!]));
keep(await runAgain(outcomes, again));
const secret: Stage = { name: "canary", command: ["true"], limitS: 0 };
keep(new Map([[secret, canary()]]));
report(secret, outcomes.get(secret)!);
for (const line of summary(outcomes, before)) console.log(line);
Deno.exit([...outcomes.values()].some(({ failed }) => failed > 0) ? 1 : 0);
