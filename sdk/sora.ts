/**
 * The entry point of the library.
 *
 * @module
 */

import { EventType, json, openRealm } from "../ffi/mod.ts";
import { SoraError } from "../base/errors.ts";
import { SoraAudioSource } from "./audio/source.ts";
import {
  checkAudioSourceOptions,
  encoderRate,
  type SoraAudioSourceOptions,
} from "./audio/source_options.ts";
import { SoraConnection } from "./connection.ts";
import { NativeHandle } from "./native/handle.ts";
import {
  checkConnectionOptions,
  checkLoadOptions,
  checkSoraOptions,
  type SoraConnectionOptions,
  type SoraOptions,
} from "./options.ts";
import { Sources } from "./track/sources.ts";
import { SoraVideoSource } from "./video/source.ts";

/** How long `close()` waits for the native threads. A backstop: closing takes milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * The entry point: owns libwebrtc's threads, sources and connections. The native library is loaded and its threads are started
 * at the first `create…()`, or at once when the options name codecs; no audio device is opened. A process may have many.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 }); // or a real one
 * await using sora = new Sora(); // closes everything that it made
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "sendonly",
 *   audio: false,
 *   videoSource: sora.createVideoSource(),
 * });
 * await connection.connect();
 * console.log(connection.state); // connected
 * ```
 */
export class Sora implements Disposable, AsyncDisposable {
  readonly #options: SoraOptions;
  readonly #sources = new Sources();
  readonly #connections = new Set<SoraConnection>();
  #factory: NativeHandle | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Loads the native library now; otherwise that happens when it is first needed. A program that calls it at its start reports a
   * missing library before anything else, and in a test suite no single test loads it.
   *
   * ```ts
   * import { Sora, SoraError } from "sora-ffi";
   *
   * try {
   *   Sora.load();
   * } catch (error) {
   *   if (!(error instanceof SoraError)) throw error;
   *   console.error(error.message); // says what to install
   * }
   * ```
   *
   * @param options `library` as in {@link SoraOptions}; a `Sora` that is to use that file is given its path too.
   * @throws {TypeError} Naming the path of the wrong option.
   * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used, with what to do.
   */
  static load(options: Pick<SoraOptions, "library"> = {}): void {
    const { library } = checkLoadOptions(options);
    openRealm(library);
  }

  /**
   * Checks the options and, with `openh264` or `videoCodecPreference`, that the codecs are available.
   *
   * @throws {TypeError} Naming the path of the wrong option.
   * @throws {RangeError} If a number or a length is outside its limits.
   * @throws {SoraError} `UNSUPPORTED`: a codec is not available, with the reason.
   */
  constructor(options: SoraOptions = {}) {
    this.#options = checkSoraOptions(options);
    const { openh264, videoCodecPreference } = this.#options;
    if (openh264 !== undefined || videoCodecPreference !== undefined) this.#open();
  }

  /**
   * Makes an audio source.
   *
   * @throws {TypeError} Naming the path of the wrong option.
   * @throws {RangeError} If a number or a length is outside its limits.
   * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used; `CLOSED`.
   */
  createAudioSource(options: SoraAudioSourceOptions): SoraAudioSource {
    const { sampleRate, channels } = checkAudioSourceOptions(options);
    const factory = this.#open();
    const handle = NativeHandle.create(
      factory.realm,
      "The audio source",
      (functions, out) =>
        functions.sora_audio_source_create(factory.value, encoderRate(sampleRate), channels, out),
    );
    return this.#sources.add(new SoraAudioSource({ sampleRate, channels }, handle));
  }

  /**
   * Makes a video source.
   *
   * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used; `CLOSED`.
   */
  createVideoSource(): SoraVideoSource {
    const factory = this.#open();
    const handle = NativeHandle.create(
      factory.realm,
      "The video source",
      (functions, out) => functions.sora_video_source_create(factory.value, out),
    );
    return this.#sources.add(new SoraVideoSource(handle));
  }

  /**
   * Makes a connection; its `connect()` opens it.
   *
   * @throws {TypeError} Naming the path of the wrong option.
   * @throws {RangeError} If a number or a length is outside its limits.
   * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used; `CLOSED`.
   */
  createConnection(options: SoraConnectionOptions): SoraConnection {
    const checked = checkConnectionOptions(options);
    return new SoraConnection(
      this.#open(),
      checked,
      this.#sources,
      (connection) => this.#connecting(connection),
      this.#options.telemetry,
    );
  }

  /**
   * Disconnects all connections, closes all sources and ends the native threads. Idempotent, bounded by the connections'
   * timeouts.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** As {@link close}, without waiting for it; the process stays alive until it is done. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(): NativeHandle {
    this.#checkOpen();
    return this.#factory ??= createFactory(this.#options);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new SoraError("CLOSED", "This Sora is closed");
  }

  #connecting(connection: SoraConnection): void {
    const factory = this.#open();
    factory.unwrap(factory.functions.sora_factory_check_threads(factory.value));
    for (const known of this.#connections) {
      if (known.state === "disconnected") this.#connections.delete(known);
    }
    this.#connections.add(connection);
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.disconnect()));
    this.#connections.clear();
    this.#sources.close();
    if (this.#factory !== undefined) await closeFactory(this.#factory);
  }
}

function createFactory(
  { library, openh264, videoCodecPreference, raiseThreads }: SoraOptions,
): NativeHandle {
  const realm = openRealm(library);
  const options = json({
    ...(openh264 === undefined ? {} : { openh264 }),
    ...(raiseThreads === undefined ? {} : { raiseThreads }),
    ...(videoCodecPreference === undefined ? {} : { codecs: videoCodecPreference.codecs }),
  });
  const { queue } = realm.events;
  return NativeHandle.create(
    realm,
    "Sora",
    (functions, out) => functions.sora_factory_create(queue, options, options.byteLength, out),
  );
}

async function closeFactory(factory: NativeHandle): Promise<void> {
  const { events, functions } = factory.realm;
  const value = factory.take();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  events.hold();
  events.listen(value, (type) => {
    if (type === EventType.CLOSED) resolve();
  });
  functions.sora_factory_close(value);
  await promise;
  clearTimeout(timer);
  events.unlisten(value);
  await events.release();
}
