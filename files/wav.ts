/**
 * Audio files: RIFF WAVE with 16-bit PCM.
 *
 * @module
 */

/** Audio in memory. */
export interface WavAudio<B extends ArrayBufferLike = ArrayBufferLike> {
  /** Interleaved samples. */
  readonly samples: Int16Array<B>;
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Number of channels. */
  readonly channels: number;
}

const HEADER_SIZE = 44;
/** Most bytes of samples whose size fits the header. */
const MAX_DATA_BYTES = 0xffff_ffff - HEADER_SIZE;
const PCM = 1;
/** WAVE_FORMAT_EXTENSIBLE: the actual format is the start of a GUID. */
const EXTENSIBLE = 0xfffe;

function tag(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}

function writeTag(view: DataView, offset: number, text: string): void {
  for (let i = 0; i < 4; i++) view.setUint8(offset + i, text.charCodeAt(i));
}

/** The chunks of a RIFF file by name, with the place of their contents. The last may be truncated. */
function findChunks(view: DataView): Map<string, readonly [offset: number, size: number]> {
  const chunks = new Map<string, readonly [number, number]>();
  for (let offset = 12; offset + 8 <= view.byteLength;) {
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    const name = tag(view, offset);
    if (!chunks.has(name)) chunks.set(name, [start, Math.min(size, view.byteLength - start)]);
    offset = start + size + size % 2;
  }
  return chunks;
}

/**
 * Reads a WAVE file of 16-bit PCM. Of a truncated one, it reads what there is.
 *
 * @throws {TypeError} If it is anything else.
 *
 * @example
 * ```ts
 * import { decodeWav, encodeWav } from "sora-ffi/files";
 *
 * const tone = Int16Array.from({ length: 16_000 }, (_, at) => 9_000 * Math.sin(at / 6));
 * const file = encodeWav({ samples: tone, sampleRate: 16_000, channels: 1 });
 * const { samples, sampleRate, channels } = decodeWav(file);
 * console.log(samples.length, sampleRate, channels); // 16000 16000 1
 * ```
 */
export function decodeWav(bytes: Uint8Array): WavAudio<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 12 || tag(view, 0) !== "RIFF" || tag(view, 8) !== "WAVE") {
    throw new TypeError("bytes must be a WAVE file, which starts with RIFF and WAVE");
  }
  const chunks = findChunks(view);
  const [format, formatSize] = chunks.get("fmt ") ?? [0, 0];
  const [data, dataSize] = chunks.get("data") ?? [0, 0];
  if (formatSize < 16 || data === 0) {
    throw new TypeError("bytes must be a WAVE file with the chunks fmt and data");
  }
  let kind = view.getUint16(format, true);
  if (kind === EXTENSIBLE && formatSize >= 26) kind = view.getUint16(format + 24, true);
  const channels = view.getUint16(format + 2, true);
  const sampleRate = view.getUint32(format + 4, true);
  const bits = view.getUint16(format + 14, true);
  if (kind !== PCM || bits !== 16 || channels === 0) {
    throw new TypeError(
      `bytes must be 16-bit PCM, not format ${kind} with ${bits} bits and ${channels} channels`,
    );
  }
  const length = Math.floor(dataSize / 2 / channels) * channels;
  const samples = new Int16Array(length);
  for (let i = 0; i < length; i++) samples[i] = view.getInt16(data + 2 * i, true);
  return { samples, sampleRate, channels };
}

/**
 * The header of a WAVE file of 16-bit PCM.
 *
 * @param dataBytes Bytes of the samples. Default: the largest size, for a pipe, whose length is unknown.
 *
 * @example
 * ```ts
 * import { wavHeader, wavSamples } from "sora-ffi/files";
 *
 * // For a pipe: the header first, then samples as they come.
 * const pipe: Uint8Array[] = [wavHeader({ sampleRate: 48_000, channels: 1 })];
 * pipe.push(wavSamples(new Int16Array(480)));
 * console.log(pipe.map(({ length }) => length)); // [ 44, 960 ]
 * ```
 */
export function wavHeader(
  format: { readonly sampleRate: number; readonly channels: number },
  dataBytes = MAX_DATA_BYTES,
): Uint8Array<ArrayBuffer> {
  const { sampleRate, channels } = format;
  const view = new DataView(new ArrayBuffer(HEADER_SIZE));
  writeTag(view, 0, "RIFF");
  view.setUint32(4, HEADER_SIZE - 8 + dataBytes, true);
  writeTag(view, 8, "WAVE");
  writeTag(view, 12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeTag(view, 36, "data");
  view.setUint32(40, dataBytes, true);
  return new Uint8Array(view.buffer);
}

/**
 * Samples as in a WAVE file: 16 bits, little endian.
 *
 * @example
 * ```ts
 * import { wavSamples } from "sora-ffi/files";
 *
 * console.log(wavSamples(Int16Array.of(1, -2)).join(" ")); // 1 0 254 255
 * ```
 */
export function wavSamples(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, i) => view.setInt16(2 * i, sample, true));
  return new Uint8Array(view.buffer);
}

/**
 * Writes a WAVE file of 16-bit PCM.
 *
 * @throws {RangeError} If the samples are not a multiple of the channels, or more than a WAVE file can hold (4 GiB).
 *
 * @example
 * ```ts
 * import { encodeWav } from "sora-ffi/files";
 *
 * const silence = new Int16Array(2 * 48_000); // a second in stereo
 * const file = encodeWav({ samples: silence, sampleRate: 48_000, channels: 2 });
 * console.log(file.length); // 192044
 * ```
 */
export function encodeWav({ samples, sampleRate, channels }: WavAudio): Uint8Array<ArrayBuffer> {
  const dataBytes = samples.length * 2;
  if (samples.length % channels !== 0) {
    throw new RangeError(
      `samples must be a multiple of ${channels} (channels), not ${samples.length}`,
    );
  }
  if (dataBytes > MAX_DATA_BYTES) {
    throw new RangeError(`samples must have at most ${MAX_DATA_BYTES} bytes, not ${dataBytes}`);
  }
  const file = new Uint8Array(HEADER_SIZE + dataBytes);
  file.set(wavHeader({ sampleRate, channels }, dataBytes));
  file.set(wavSamples(samples), HEADER_SIZE);
  return file;
}
