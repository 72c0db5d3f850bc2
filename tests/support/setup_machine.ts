/**
 * A simulated machine for the set-up scripts: a copy of them in a separate folder, and a `PATH` with only what the machine has.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What every machine has. */
const common =
  "awk basename bash cat cp cut dirname du env flock grep head ln mkdir mktemp mv rm sed sha256sum sort touch"
    .split(" ");

const system = {
  uname:
    'case $1 in -s) echo "${TEST_SYSTEM:-Linux}" ;; *) echo "${TEST_PROCESSOR:-x86_64}" ;; esac',
  getconf: '[ "$TEST_LIBC" != none ] && echo "${TEST_LIBC:-glibc 2.36}"',
  id: 'echo "${TEST_UID:-0}"',
  df: 'echo "Filesystem 1048576-blocks Used Available"; echo "disk 9999 1 ${TEST_FREE_MB:-9999}"',
};

const tools = {
  // Real ones only warn about a mirror that they cannot reach, unless they are told not to.
  "apt-get": `case $TEST_APT in
  broken) echo "E: broken package" >&2; exit 100 ;;
  offline)
    echo "W: Failed to fetch http://mirror: Temporary failure resolving 'mirror'" >&2
    case $* in *Error-Mode=any*update | *install* | *download*) exit 100 ;; esac ;;
esac`,
  "dpkg-deb": "exit 1",
  ffmpeg: "exit 0",
  ffprobe: "exit 0",
  "espeak-ng": "exit 0",
  pulseaudio: "exit 0",
  "dpkg-query": "exit 0",
  chromium: "exit 0",
  "firefox-esr": "exit 0",
  // The virtual environment's Python and Deno are this one. Deno runs npm.
  python3: `case "\${0##*/} $2" in
  "python3 venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python" && cp "$0" "$4/bin/deno" ;;
  "python pip")
    case $* in *ffmpeg.txt)
      programs=.deps/venv/lib/python3.9/site-packages/imageio_ffmpeg/binaries
      mkdir -p "$programs" && cp "$0" "$programs/ffmpeg-v7" ;;
    esac ;;
  deno*)
    if [ "$1" = --version ]; then exit; fi
    if [ "$TEST_NPM" = broken ]; then echo "npm error network" >&2; exit 1; fi
    mkdir -p node_modules/.bin node_modules/@oven/bun-linux-x64/bin
    cp "$0" node_modules/@oven/bun-linux-x64/bin/bun ;;
esac`,
};

/** A command that a machine may lack. */
export type Tool = keyof typeof tools;

/** How a script ended, and what it printed. */
export interface SetupRun {
  readonly code: number | null;
  readonly said: string;
  /** The commands that it called and what it gave them, a line each. */
  readonly calls: readonly string[];
}

/** A machine that has everything but some commands. */
export class SetupMachine implements Disposable {
  /** Where the copy of the checkout lies; there is a space in its path. */
  readonly root: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "sora-ffi-setup-"));
  readonly #bin: string;
  readonly #calls: string;

  /**
   * @param lacks Commands that are not installed.
   * @param distribution Its name in the system's release file.
   */
  constructor(lacks: readonly Tool[] = [], distribution = "debian") {
    this.root = join(this.#folder, "a checkout");
    this.#bin = join(this.#folder, "bin");
    this.#calls = join(this.#folder, "calls");
    const checkout = fileURLToPath(new URL("../../", import.meta.url));
    mkdirSync(this.#bin);
    mkdirSync(this.root);
    writeFileSync(this.#calls, "");
    cpSync(join(checkout, "setup"), join(this.root, "setup"), { recursive: true });
    for (const file of ["package-lock.json", ".npmrc"]) {
      copyFileSync(join(checkout, file), join(this.root, file));
    }
    for (const command of common) symlinkSync(find(command), join(this.#bin, command));
    for (const [command, script] of Object.entries({ ...system, ...tools })) {
      if ((lacks as readonly string[]).includes(command)) continue;
      const log = `printf '%s\\n' "\${0##*/} $*" >> '${this.#calls}'`;
      writeFileSync(join(this.#bin, command), `#!${find("bash")}\n${log}\n${script}\n`, {
        mode: 0o755,
      });
    }
    const release = join(this.#folder, "release");
    writeFileSync(release, `NAME="A release"\nID=${distribution}\n`);
    // What scripts name by its full path is this machine's, not the real one's.
    this.edit(
      "setup/setup.sh",
      (text) =>
        text.replaceAll("/usr/bin/python3", join(this.#bin, "python3"))
          .replaceAll("/etc/ssl/certs/ca-certificates.crt", this.certificates)
          .replaceAll("/etc/os-release", release),
    );
  }

  /** Where the certificates of authorities are, when there are any. */
  get certificates(): string {
    return join(this.#folder, "certificates.crt");
  }

  /** Changes a file. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.root, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** Has everything that is downloaded, in the versions that the scripts and locks ask for now. */
  download(): void {
    const stamps = {
      ".deps/sysroot/amd64": "setup/sysroot.amd64.lock",
      ".deps/media": "setup/media.sh",
      ".deps/openh264": "setup/openh264.sh",
      ".deps/rnn_vad": "setup/rnn_vad.sh",
    };
    const drivers = ["setup/drivers.sh", "setup/drivers.txt", "setup/nvidia_client.txt"];
    const stamp = (folder: string, digest: string, name = ".stamp") => {
      mkdirSync(join(this.root, folder), { recursive: true });
      writeFileSync(join(this.root, folder, name), `${digest}\n`);
    };
    const digestOf = (...files: string[]) => {
      const hash = createHash("sha256");
      for (const file of files) hash.update(readFileSync(join(this.root, file)));
      return hash.digest("hex");
    };
    for (const [folder, input] of Object.entries(stamps)) stamp(folder, digestOf(input));
    stamp(".deps/drivers", digestOf(...drivers));
    stamp(".deps/sysroot/amd64", digestOf("setup/sysroot.amd64.lock"), ".tests.stamp");
    const script = readFileSync(join(this.root, "setup/setup.sh"), "utf8");
    stamp(".deps/deno-bundler", /name=linux-x64 digest=(\w+)/.exec(script)?.[1] ?? "");
  }

  /** Runs the set-up, `words` after its name. */
  setUp(env: Readonly<Record<string, string>> = {}, words: readonly string[] = []): SetupRun {
    writeFileSync(this.#calls, "");
    const { status, stderr, error } = spawnSync(join(this.root, "setup/setup.sh"), words, {
      cwd: this.#folder,
      env: { PATH: this.#bin, TMPDIR: this.#folder, ...env },
      encoding: "utf8",
      timeout: 20_000,
    });
    if (error !== undefined) throw error;
    const calls = readFileSync(this.#calls, "utf8").split("\n").filter((line) => line !== "");
    return { code: status, said: stderr, calls };
  }

  /** Begins to run the set-up: `says` waits for what it prints, `ended` for its exit status. */
  begin(env: Readonly<Record<string, string>> = {}): {
    says(text: RegExp): Promise<string>;
    ended(): Promise<number | null>;
  } {
    const child = spawn(join(this.root, "setup/setup.sh"), {
      cwd: this.#folder,
      env: { PATH: this.#bin, TMPDIR: this.#folder, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const end = once(child, "exit");
    let said = "";
    child.stderr.setEncoding("utf8");
    const wanted = Promise.withResolvers<string>();
    let pattern: RegExp | undefined;
    const look = () => {
      if (pattern?.test(said)) wanted.resolve(said);
    };
    child.stderr.on("data", (text: string) => {
      said += text;
      look();
    });
    child.stderr.on("close", () => wanted.reject(new Error(`The set-up ended and said: ${said}`)));
    return {
      says(text) {
        pattern = text;
        look();
        return wanted.promise;
      },
      ended: async () => (await end)[0],
    };
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function find(command: string): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const path = folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`This test needs ${command} in the PATH`);
  return path;
}
