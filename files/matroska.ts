/**
 * Uncompressed video and audio with their times in one stream: Matroska (RFC 9559), which ffmpeg reads from a pipe.
 *
 * @module
 */

import type { MediaAudio } from "./media.ts";

/** What a stream has. */
export interface MatroskaForm {
  /** I420, rows without gaps. */
  readonly video: { readonly width: number; readonly height: number } | undefined;
  /** 16-bit samples, interleaved. */
  readonly audio: MediaAudio | undefined;
}

/** The numbers of the tracks. */
export const TRACK = { VIDEO: 1, AUDIO: 2 } as const;

/** The bytes in front of the contents of a block. */
const HEAD_BYTES = 35;
const MASTER = 0x1a45dfa3;
const SEGMENT = 0x18538067;
/** A length that is not known: the stream goes on as long as it goes on. */
const UNKNOWN_LENGTH = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

function concat(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The bytes of an identifier: it has its length in itself. */
function idBytes(id: number): number[] {
  const bytes = [id >>> 24, id >>> 16 & 0xff, id >>> 8 & 0xff, id & 0xff];
  return bytes.slice(bytes.findIndex((byte) => byte !== 0));
}

/** An element whose contents are shorter than 16 KiB. */
function element(id: number, ...contents: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const data = concat(contents);
  return concat([idBytes(id), [0x40 | data.length >> 8, data.length & 0xff], data]);
}

function integer(id: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return element(id, bytes);
}

function float(id: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return element(id, bytes);
}

const text = (id: number, value: string) => element(id, new TextEncoder().encode(value));

function track(number: number, type: number, codec: string, form: Uint8Array<ArrayBuffer>) {
  return element(
    0xae,
    integer(0xd7, number),
    integer(0x73c5, number),
    integer(0x83, type),
    // Nothing is laced.
    integer(0x9c, 0),
    text(0x86, codec),
    form,
  );
}

/** The beginning of a stream. */
export function matroskaHeader({ video, audio }: MatroskaForm): Uint8Array<ArrayBuffer> {
  const tracks = [
    ...(video === undefined ? [] : [track(
      TRACK.VIDEO,
      1,
      "V_UNCOMPRESSED",
      element(
        0xe0,
        integer(0xb0, video.width),
        integer(0xba, video.height),
        text(0x2eb524, "I420"),
      ),
    )]),
    ...(audio === undefined ? [] : [track(
      TRACK.AUDIO,
      2,
      "A_PCM/INT/LIT",
      element(
        0xe1,
        float(0xb5, audio.sampleRate),
        integer(0x9f, audio.channels),
        integer(0x6264, 16),
      ),
    )]),
  ];
  return concat([
    element(
      MASTER,
      text(0x4282, "matroska"),
      integer(0x4287, 4),
      integer(0x4285, 2),
    ),
    idBytes(SEGMENT),
    UNKNOWN_LENGTH,
    // Times are in milliseconds.
    element(
      0x1549a966,
      integer(0x2ad7b1, 1_000_000),
      text(0x4d80, "sora-ffi"),
      text(0x5741, "sora-ffi"),
    ),
    element(0x1654ae6b, ...tracks),
  ]);
}

/** Writes what comes in front of the contents of blocks, into a buffer that is used again and again. */
export class MatroskaBlocks {
  readonly #head = new Uint8Array(HEAD_BYTES);
  readonly #view = new DataView(this.#head.buffer);

  constructor() {
    const view = this.#view;
    // A cluster for each block: nobody has to wait for its end.
    view.setUint32(0, 0x1f43b675);
    view.setUint16(12, 0xe788);
    view.setUint8(22, 0xa3);
    // No time of its own in the cluster, and a key frame.
    view.setUint32(31, 0x00000080);
  }

  /** The bytes in front of a block, valid until the next call. */
  head(track: number, timestampMs: number, bytes: number): Uint8Array<ArrayBuffer> {
    const view = this.#view;
    this.#length(4, HEAD_BYTES - 12 + bytes);
    const time = Math.max(0, Math.round(timestampMs));
    view.setUint32(14, Math.floor(time / 2 ** 32));
    view.setUint32(18, time % 2 ** 32);
    this.#length(23, HEAD_BYTES - 31 + bytes);
    view.setUint8(31, 0x80 | track);
    return this.#head;
  }

  /** A length in eight bytes. */
  #length(at: number, bytes: number): void {
    this.#view.setUint32(at, 0x0100_0000);
    this.#view.setUint32(at + 4, bytes);
  }
}
