/**
 * The chunks of one stream that wait for the rest of their message.
 *
 * Takes the place of methods of werift's stream that go through all that wait for each chunk that comes.
 */
import type { Buffer } from "node:buffer";
import { distance } from "./sctp_guard.ts";

/** A DATA chunk as werift keeps it. */
export interface WaitingChunk {
  readonly tsn: number;
  readonly flags: number;
  readonly userData: Buffer;
}

/** What werift hands on of a stream: its id, the payload protocol and a message. */
export type Message = readonly [streamId: number, payloadProtocol: number, data: Buffer];

/** The parts of werift's stream that are used here. */
export interface WeriftStream {
  /** In the order of their TSNs. */
  reassembly: WaitingChunk[];
  /** Of the ordered message that is next. */
  streamSequenceNumber: number;
  addChunk(chunk: WaitingChunk): void;
  popMessages(): Iterable<Message>;
}

const LAST_FRAGMENT = 1;
const FIRST_FRAGMENT = 2;

/** Makes a stream look for complete messages only where a chunk completes one. */
export function quickenReassembly(stream: WeriftStream): void {
  const popAll = stream.popMessages.bind(stream);
  let added = -1;
  stream.addChunk = (chunk) => {
    added = position(stream.reassembly, chunk.tsn);
    stream.reassembly.splice(added, 0, chunk);
  };
  stream.popMessages = () => {
    const at = added;
    added = -1;
    // Without a chunk it is asked because others were passed over.
    return at >= 0 && !completes(stream.reassembly, at) ? [] : popAll();
  };
}

/**
 * Forgets the chunks up to a TSN, which the peer gives up, of all messages that are not complete. Returns their bytes.
 */
export function forgetIncomplete(stream: WeriftStream, tsn: number): number {
  const chunks = stream.reassembly;
  const kept: WaitingChunk[] = [];
  let bytes = 0;
  for (let start = 0, end: number; start < chunks.length; start = end) {
    end = start + 1;
    while (end < chunks.length && follows(chunks[end - 1]!, chunks[end]!)) end++;
    const isWhole = (chunks[start]!.flags & FIRST_FRAGMENT) !== 0 &&
      (chunks[end - 1]!.flags & LAST_FRAGMENT) !== 0;
    for (const chunk of chunks.slice(start, end)) {
      if (isWhole || distance(tsn, chunk.tsn) > 0) kept.push(chunk);
      else bytes += chunk.userData.length;
    }
  }
  stream.reassembly = kept;
  return bytes;
}

/** Whether a chunk is the next fragment of the same message. */
function follows(before: WaitingChunk, after: WaitingChunk): boolean {
  return (before.flags & LAST_FRAGMENT) === 0 && distance(before.tsn, after.tsn) === 1;
}

/** Where a chunk with this TSN belongs. */
function position(chunks: readonly WaitingChunk[], tsn: number): number {
  let [low, high] = [0, chunks.length];
  if (high === 0 || distance(chunks[high - 1]!.tsn, tsn) > 0) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (distance(chunks[middle]!.tsn, tsn) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the message that a chunk belongs to is there from its first fragment to its last. */
function completes(chunks: readonly WaitingChunk[], at: number): boolean {
  return reaches(chunks, at, 1, LAST_FRAGMENT) && reaches(chunks, at, -1, FIRST_FRAGMENT);
}

function reaches(
  chunks: readonly WaitingChunk[],
  start: number,
  step: 1 | -1,
  flag: number,
): boolean {
  for (let at = start;; at += step) {
    const { tsn, flags } = chunks[at]!;
    if ((flags & flag) !== 0) return true;
    const next = chunks[at + step];
    if (next === undefined || distance(tsn, next.tsn) !== step) return false;
  }
}
