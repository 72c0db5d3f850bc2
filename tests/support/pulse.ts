/**
 * A PulseAudio of its own for a test: without D-Bus, with its own folder and socket, and two sinks that lead nowhere. What is
 * played on `cable`, the default, is recorded from its monitor; `speaker` is there so that nothing is played back to it.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { eventually } from "./eventually.ts";

/** ALSA's devices for the programs of a test: those of the machine are left out. */
const ALSA = `
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.cable { type pulse device "cable" }
pcm.monitor { type pulse device "cable.monitor" }
pcm.speaker { type pulse device "speaker" }
`;

/** Whether a library is in the folders of a Debian. */
function hasLibrary(name: string): boolean {
  return ["/usr/lib", ...readdirSync("/usr/lib").map((folder) => `/usr/lib/${folder}`)]
    .some((folder) => existsSync(`${folder}/${name}`));
}

/** Why this machine cannot run tests of audio devices, or undefined. */
export function withoutAudioDevices(): string | undefined {
  const { error } = spawnSync("pulseaudio", ["--version"]);
  if (error !== undefined) return "pulseaudio is not installed: make setup-tests does it for root";
  return hasLibrary("libportaudio.so.2")
    ? undefined
    : "libportaudio2 is not installed: make setup-tests does it for root";
}

/** Whether somebody listens on a socket. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A running PulseAudio. */
export class Pulse implements AsyncDisposable {
  /** What programs that are to use it need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#process = child;
    this.env = {
      PULSE_SERVER: `unix:${folder}/socket`,
      ALSA_CONFIG_PATH: `${folder}/asound.conf`,
      // Of PulseAudio's client: a cookie in the user's folder is not needed.
      PULSE_COOKIE: `${folder}/cookie`,
    };
  }

  /** Starts it, and waits until it can be used. */
  static async start(): Promise<Pulse> {
    const folder = mkdtempSync(join(tmpdir(), "sora-pulse-"));
    writeFileSync(`${folder}/asound.conf`, ALSA);
    const modules = [
      `module-native-protocol-unix socket=${folder}/socket auth-anonymous=1`,
      ...["cable", "speaker"].map((name) =>
        `module-null-sink sink_name=${name} rate=48000 channels=2`
      ),
      // A sink that nobody asks for less may take two seconds to begin.
      "module-loopback source=cable.monitor sink=speaker latency_msec=20",
    ];
    const child = spawn("pulseaudio", [
      ...["-n", "-F", "/dev/null", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"],
      ...["--use-pid-file=no", "--log-level=error"],
      ...modules.flatMap((module) => ["-L", module]),
    ], {
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        XDG_RUNTIME_DIR: folder,
        PULSE_RUNTIME_PATH: `${folder}/run`,
        PULSE_STATE_PATH: `${folder}/state`,
        // No bus is looked for, and none is started.
        DBUS_SESSION_BUS_ADDRESS: "disabled:",
        DBUS_SYSTEM_BUS_ADDRESS: "disabled:",
      },
      stdio: "ignore",
    });
    const pulse = new Pulse(folder, child);
    try {
      await eventually("PulseAudio", () => {
        if (child.exitCode !== null) throw new Error(`pulseaudio ended with ${child.exitCode}`);
        return listens(`${folder}/socket`);
      });
    } catch (error) {
      await pulse[Symbol.asyncDispose]();
      throw error;
    }
    return pulse;
  }

  /** Plays ffmpeg's sine, at an eighth of full scale, on the cable until it is disposed of. */
  playTone(frequency: number): AsyncDisposable {
    const sine = `sine=frequency=${frequency}:sample_rate=48000`;
    const player = spawn("ffmpeg", [
      ...["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", sine],
      ...["-f", "pulse", "-device", "cable", "-buffer_duration", "40", "tone"],
    ], { env: { ...process.env, ...this.env }, stdio: "ignore" });
    return { [Symbol.asyncDispose]: () => end(player) };
  }

  /** How many streams record. */
  recordings(): number {
    const { stdout, stderr, status } = spawnSync("pactl", ["list", "short", "source-outputs"], {
      env: { ...process.env, ...this.env },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`pactl: ${stderr}`);
    return stdout.split("\n").length - 1;
  }

  /** Lets it stand still: it neither answers nor ends. */
  hold(): void {
    this.#process.kill("SIGSTOP");
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
