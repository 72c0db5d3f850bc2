/**
 * Uncompressed video files: YUV4MPEG2 with 4:2:0, which ffmpeg and most video tools read and write.
 *
 * @module
 */

/** The header of a YUV4MPEG2 stream. */
export interface Y4mHeader {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Frames per second. */
  readonly frameRate: number;
}

/** A YUV4MPEG2 stream. */
export interface Y4mVideo {
  /** Its header. */
  readonly header: Y4mHeader;
  /** The frames: I420, rows without gaps, each in a buffer of its own. */
  readonly frames: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

const MAGIC = "YUV4MPEG2";
const FRAME = "FRAME";
/** Longest line, in bytes. */
const MAX_LINE = 1_024;
/** Largest width and height, in pixels. */
const MAX_SIDE = 16_384;
const NEWLINE = 10;
/** Denominator of rates that are not whole numbers. */
const RATE_SCALE = 1_001;

/** Bytes of an I420 frame without gaps. */
function frameBytes({ width, height }: Y4mHeader): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Reads lines and blocks from a stream of bytes. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    const joined = new Uint8Array(this.#rest.byteLength + value.byteLength);
    joined.set(this.#rest);
    joined.set(value, this.#rest.byteLength);
    this.#rest = joined;
    return true;
  }

  /** The next line without its end; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      if (end >= 0 && end <= MAX_LINE) {
        const line = new TextDecoder().decode(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.byteLength > MAX_LINE) {
        throw new TypeError(`chunks must be YUV4MPEG2, whose lines have at most ${MAX_LINE} bytes`);
      }
      if (!await this.#more()) return undefined;
    }
  }

  /** The next `size` bytes; undefined when fewer are left. */
  async block(size: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const block = new Uint8Array(size);
    for (let at = 0;;) {
      const part = this.#rest.subarray(0, size - at);
      block.set(part, at);
      at += part.byteLength;
      this.#rest = this.#rest.subarray(part.byteLength);
      if (at === size) return block;
      if (!await this.#more()) return undefined;
    }
  }

  async cancel(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function side(text: string | undefined, name: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SIDE) return value;
  throw new TypeError(
    `The ${name} in chunks must be an integer from 1 to ${MAX_SIDE}, not ${text}`,
  );
}

function parseHeader(line: string | undefined): Y4mHeader {
  const [magic, ...fields] = line?.split(" ") ?? [];
  if (magic !== MAGIC) {
    throw new TypeError(`chunks must be YUV4MPEG2, which starts with ${MAGIC}`);
  }
  const values = new Map(fields.map((field) => [field[0], field.slice(1)]));
  const chroma = values.get("C") ?? "420";
  if (!/^420(jpeg|mpeg2|paldv)?$/.test(chroma)) {
    throw new TypeError(`chunks must be 4:2:0 with 8 bits, not C${chroma}`);
  }
  const [numerator = NaN, denominator = 1] = (values.get("F") ?? "").split(":").map(Number);
  const frameRate = numerator / denominator;
  if (!(frameRate > 0 && frameRate <= 1_000)) {
    throw new TypeError(
      `The frame rate in chunks must be above 0 and at most 1000, not ${values.get("F")}`,
    );
  }
  return {
    width: side(values.get("W"), "width"),
    height: side(values.get("H"), "height"),
    frameRate,
  };
}

async function* readFrames(
  reader: ByteReader,
  bytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  try {
    for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
      if (line.split(" ")[0] !== FRAME) {
        throw new TypeError(`Each frame in chunks must start with ${FRAME}`);
      }
      const frame = await reader.block(bytes);
      if (frame === undefined) return;
      yield frame;
    }
  } finally {
    await reader.cancel();
  }
}

/**
 * Reads a YUV4MPEG2 stream: a file, or ffmpeg's output. No more is read than is requested; a truncated last frame is left out.
 *
 * @param chunks The bytes: a `ReadableStream` or a Node stream, for instance.
 * @throws {TypeError} If it is anything else. `frames` throws it if the stream is malformed later.
 *
 * @example
 * ```ts
 * import { readY4m, y4mFrame, y4mHeader } from "sora-ffi/files";
 *
 * const header = { width: 64, height: 48, frameRate: 30 };
 * const grey = new Uint8Array(64 * 48 * 3 / 2).fill(128); // I420
 * async function* stream() {
 *   yield y4mHeader(header);
 *   for (let frame = 0; frame < 3; frame++) yield y4mFrame(header, grey);
 * }
 * const video = await readY4m(stream());
 * let frames = 0;
 * for await (const _i420 of video.frames) frames++;
 * console.log(video.header.width, video.header.height, frames); // 64 48 3
 * ```
 */
export async function readY4m(chunks: AsyncIterable<Uint8Array>): Promise<Y4mVideo> {
  const reader = new ByteReader(chunks);
  const header = parseHeader(await reader.line());
  return { header, frames: readFrames(reader, frameBytes(header)) };
}

/**
 * The header of a YUV4MPEG2 stream, as bytes.
 *
 * @example
 * ```ts
 * import { y4mHeader } from "sora-ffi/files";
 *
 * const header = y4mHeader({ width: 640, height: 360, frameRate: 30 });
 * console.log(new TextDecoder().decode(header).startsWith("YUV4MPEG2 W640 H360 F30:1")); // true
 * ```
 */
export function y4mHeader({ width, height, frameRate }: Y4mHeader): Uint8Array<ArrayBuffer> {
  const rate = Number.isInteger(frameRate)
    ? `${frameRate}:1`
    : `${Math.round(frameRate * RATE_SCALE)}:${RATE_SCALE}`;
  return new TextEncoder().encode(`${MAGIC} W${width} H${height} F${rate} Ip A1:1 C420jpeg\n`);
}

/**
 * One frame of a YUV4MPEG2 stream, as bytes.
 *
 * @param i420 I420, rows without gaps.
 * @throws {RangeError} If its length is not that of a frame of the header's size.
 *
 * @example
 * ```ts
 * import { y4mFrame } from "sora-ffi/files";
 *
 * const i420 = new Uint8Array(640 * 360 * 3 / 2);
 * const frame = y4mFrame({ width: 640, height: 360, frameRate: 30 }, i420);
 * console.log(frame.length - i420.length); // 6
 * ```
 */
export function y4mFrame(header: Y4mHeader, i420: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = frameBytes(header);
  if (i420.byteLength !== bytes) {
    throw new RangeError(
      `i420 must have ${bytes} bytes (${header.width}x${header.height}), not ${i420.byteLength}`,
    );
  }
  const start = new TextEncoder().encode(`${FRAME}\n`);
  const frame = new Uint8Array(start.byteLength + bytes);
  frame.set(start);
  frame.set(i420, start.byteLength);
  return frame;
}
