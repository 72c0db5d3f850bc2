/**
 * Uncompressed AVI as ffmpeg writes it to a pipe: the one form that has video and audio in turn and reports their formats, each
 * packet being written at once. Chunks of no bytes stand for frames that are not there.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import type { MediaAudio, MediaVideo } from "./media.ts";

/** What an AVI has; the numbers are those in the names of its chunks. */
export interface AviHeader {
  readonly video?: MediaVideo & { readonly number: number };
  readonly audio?: MediaAudio & { readonly number: number };
}

/** The beginning of a chunk. */
interface Chunk {
  readonly name: string;
  readonly bytes: number;
}

const CHUNK_BYTES = 8;
/** `strh` and `strf` are shorter by far. */
const MAX_FORMAT_BYTES = 4_096;
/** A header has tens of chunks. */
const MAX_HEADER_CHUNKS = 1_000;
const MAX_SIDE = 16_384;

function malformed(what: string): TypeError {
  return new TypeError(`chunks must be uncompressed AVI: ${what}`);
}

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Reads one after the other. */
export class AviReader {
  readonly #bytes: Bytes;
  readonly #head = new Uint8Array(CHUNK_BYTES);
  readonly #view = new DataView(this.#head.buffer);
  readonly #type = new Uint8Array(4);

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** The next chunk, lists being entered; undefined at the end. */
  async #next(): Promise<Chunk | undefined> {
    for (;;) {
      if (!await this.#bytes.fill(this.#head)) return undefined;
      const name = text(this.#head.subarray(0, 4));
      const bytes = this.#view.getUint32(4, true);
      if (name !== "RIFF" && name !== "LIST") return { name, bytes };
      if (!await this.#bytes.fill(this.#type)) return undefined;
      const type = text(this.#type);
      if (type === "movi") return { name: type, bytes: 0 };
    }
  }

  /** Leaves out what is left of a chunk, and the byte that makes it even. */
  async #skip({ bytes }: Chunk, read = 0): Promise<boolean> {
    return await this.#bytes.skip(bytes - read + bytes % 2);
  }

  async #format(chunk: Chunk): Promise<DataView> {
    if (chunk.bytes > MAX_FORMAT_BYTES) throw malformed(`${chunk.name} has ${chunk.bytes} bytes`);
    const format = new Uint8Array(chunk.bytes);
    if (!await this.#bytes.fill(format)) throw malformed(`${chunk.name} is truncated`);
    await this.#skip(chunk, chunk.bytes);
    return new DataView(format.buffer);
  }

  /**
   * Reads up to the first packet; undefined when nothing comes at all.
   *
   * @throws {TypeError} It is anything else.
   */
  async header(): Promise<AviHeader | undefined> {
    let header: AviHeader = {};
    let stream: DataView | undefined;
    let number = -1;
    for (let count = 0; count < MAX_HEADER_CHUNKS; count++) {
      const chunk = await this.#next();
      if (chunk === undefined) {
        if (count === 0) return undefined;
        throw malformed("its header is truncated");
      }
      if (chunk.name === "movi") return header;
      if (chunk.name === "strh") {
        stream = await this.#format(chunk);
        number++;
      } else if (chunk.name === "strf" && stream !== undefined) {
        header = { ...header, ...readStream(stream, await this.#format(chunk), number) };
      } else if (!await this.#skip(chunk)) {
        throw malformed("its header is truncated");
      }
    }
    throw malformed(`its header has more than ${MAX_HEADER_CHUNKS} chunks`);
  }

  /** The stream and the bytes of the next packet, whose contents follow by {@link fill}; undefined at the end. */
  async packet(): Promise<{ readonly number: number; readonly bytes: number } | undefined> {
    for (;;) {
      const chunk = await this.#next();
      if (chunk === undefined) return undefined;
      const [, digits] = /^(\d\d)(?:d[bc]|wb)$/.exec(chunk.name) ?? [];
      if (digits !== undefined) return { number: Number(digits), bytes: chunk.bytes };
      if (!await this.#skip(chunk)) return undefined;
    }
  }

  /** Reads from a packet into a buffer; false when the stream ends before. */
  async fill(into: Uint8Array): Promise<boolean> {
    return await this.#bytes.fill(into);
  }

  /** Leaves out the rest of a packet, if any, of so many bytes. */
  async end(bytes: number, read: number): Promise<boolean> {
    return await this.#bytes.skip(bytes - read + bytes % 2);
  }
}

function readStream(stream: DataView, format: DataView, number: number): AviHeader {
  const type = stream.byteLength < 28 ? "" : text(new Uint8Array(stream.buffer, 0, 4));
  if (type === "vids" && format.byteLength >= 12) {
    const [width, height] = [format.getInt32(4, true), Math.abs(format.getInt32(8, true))];
    const frameRate = stream.getUint32(24, true) / stream.getUint32(20, true);
    if (!(width >= 1 && width <= MAX_SIDE && height >= 1 && height <= MAX_SIDE)) {
      throw malformed(`its video is ${width}x${height}`);
    }
    if (!(frameRate > 0 && frameRate <= 1_000_000)) throw malformed(`it has ${frameRate} fps`);
    return { video: { number, width, height, frameRate } };
  }
  if (type === "auds" && format.byteLength >= 8) {
    const [channels, sampleRate] = [format.getUint16(2, true), format.getUint32(4, true)];
    if (channels < 1 || sampleRate < 1) throw malformed(`it has ${channels} channels`);
    return { audio: { number, sampleRate, channels } };
  }
  return {};
}
