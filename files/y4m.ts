/**
 * Video files without compression: YUV4MPEG2 with 4:2:0, which ffmpeg and most video tools read and write.
 *
 * @module
 */

/** What a YUV4MPEG2 stream says at its start. */
export interface Y4mHeader {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Pictures a second. */
  readonly frameRate: number;
}

/** A stream of pictures. */
export interface Y4mVideo {
  /** What it says at its start. */
  readonly header: Y4mHeader;
  /** The pictures: I420, rows without gaps, a fresh buffer each. */
  readonly frames: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

const MAGIC = "YUV4MPEG2";
const FRAME = "FRAME";
/** No line of a sane stream is longer. */
const MAX_LINE = 1_024;
const MAX_SIDE = 16_384;
const NEWLINE = 10;
/** Rates are written as fractions of this. */
const RATE_SCALE = 1_001;

/** Bytes of an I420 picture without gaps. */
function pictureBytes({ width, height }: Y4mHeader): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Takes lines and blocks off a stream of bytes. */
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
      if (this.#rest.byteLength > MAX_LINE) throw new TypeError("Not a YUV4MPEG2 stream: no line");
      if (!await this.#more()) return undefined;
    }
  }

  /** The next bytes; undefined when there are not as many. */
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
  throw new TypeError(`The ${name} of the YUV4MPEG2 stream is not from 1 to ${MAX_SIDE}`);
}

function parseHeader(line: string | undefined): Y4mHeader {
  const [magic, ...fields] = line?.split(" ") ?? [];
  if (magic !== MAGIC) {
    throw new TypeError(`Not a YUV4MPEG2 stream: it does not start with ${MAGIC}`);
  }
  const values = new Map(fields.map((field) => [field[0], field.slice(1)]));
  const chroma = values.get("C") ?? "420";
  if (!/^420(jpeg|mpeg2|paldv)?$/.test(chroma)) {
    throw new TypeError(`Only 4:2:0 with 8 bits can be read, not C${chroma}`);
  }
  const [numerator = NaN, denominator = 1] = (values.get("F") ?? "").split(":").map(Number);
  const frameRate = numerator / denominator;
  if (!(frameRate > 0 && frameRate <= 1_000)) {
    throw new TypeError("The frame rate of the YUV4MPEG2 stream is not above 0 and at most 1,000");
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
        throw new TypeError(`The YUV4MPEG2 stream is broken: ${FRAME} is missing`);
      }
      const picture = await reader.block(bytes);
      if (picture === undefined) return;
      yield picture;
    }
  } finally {
    await reader.cancel();
  }
}

/**
 * Reads a YUV4MPEG2 stream: a file, or ffmpeg's output. Nothing more is read than is asked for; a last picture that is cut
 * short is left out.
 *
 * @param chunks The bytes: a `ReadableStream` or a Node stream, for instance.
 * @throws {TypeError} If it is something else; the message says what. `frames` throws it when the stream breaks later.
 */
export async function readY4m(chunks: AsyncIterable<Uint8Array>): Promise<Y4mVideo> {
  const reader = new ByteReader(chunks);
  const header = parseHeader(await reader.line());
  return { header, frames: readFrames(reader, pictureBytes(header)) };
}

/** The start of a YUV4MPEG2 stream. */
export function y4mHeader({ width, height, frameRate }: Y4mHeader): Uint8Array<ArrayBuffer> {
  const rate = Number.isInteger(frameRate)
    ? `${frameRate}:1`
    : `${Math.round(frameRate * RATE_SCALE)}:${RATE_SCALE}`;
  return new TextEncoder().encode(`${MAGIC} W${width} H${height} F${rate} Ip A1:1 C420jpeg\n`);
}

/**
 * One picture of a YUV4MPEG2 stream.
 *
 * @param i420 I420, rows without gaps.
 * @throws {RangeError} If it has not the bytes of a picture of that size.
 */
export function y4mFrame(header: Y4mHeader, i420: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = pictureBytes(header);
  if (i420.byteLength !== bytes) {
    throw new RangeError(
      `i420 has ${i420.byteLength} bytes, but a picture of ${header.width}x${header.height} has ${bytes}`,
    );
  }
  const start = new TextEncoder().encode(`${FRAME}\n`);
  const frame = new Uint8Array(start.byteLength + bytes);
  frame.set(start);
  frame.set(i420, start.byteLength);
  return frame;
}
