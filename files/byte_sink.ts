/**
 * Where the bytes of written media go.
 *
 * @module
 */

import { type FileHandle, open } from "node:fs/promises";
import type { Ffmpeg } from "./ffmpeg.ts";

/** Takes bytes in order. */
export interface ByteSink {
  /** Resolves when the bytes are taken, and their buffer may be used again. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it in order. */
  end(): Promise<void>;
  /** Ends it at once. */
  abort(): Promise<void>;
}

/** A sink whose beginning can be written again. */
export interface RewritableSink extends ByteSink {
  /** Replaces the first bytes. */
  rewrite(bytes: Uint8Array): Promise<void>;
}

/** A file. */
export class FileSink implements RewritableSink {
  readonly #file: FileHandle;
  #at = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes a file, or empties one that is there. */
  static async open(path: string): Promise<FileSink> {
    return new FileSink(await open(path, "w"));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        from,
        bytes.byteLength - from,
        this.#at,
      );
      from += bytesWritten;
      this.#at += bytesWritten;
    }
  }

  async rewrite(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, 0, bytes.byteLength, 0);
  }

  async end(): Promise<void> {
    await this.#file.close();
  }

  async abort(): Promise<void> {
    await this.#file.close();
  }
}

/** The standard input of ffmpeg. */
export class FfmpegSink implements ByteSink {
  readonly #ffmpeg: Ffmpeg;
  readonly #failed: Promise<never>;

  constructor(ffmpeg: Ffmpeg) {
    this.#ffmpeg = ffmpeg;
    // While something is written it must not end.
    this.#failed = ffmpeg.failure().then((error): never => {
      throw error;
    });
    this.#failed.catch(() => {});
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    this.#ffmpeg.stdin.write(bytes, (error) => error ? reject(error) : resolve());
    // A broken pipe is the consequence of how it ended.
    await Promise.race([written.catch(() => this.#failed), this.#failed]);
  }

  async end(): Promise<void> {
    this.#ffmpeg.stdin.end();
    await this.#ffmpeg.succeed();
  }

  async abort(): Promise<void> {
    await this.#ffmpeg[Symbol.asyncDispose]();
  }
}
