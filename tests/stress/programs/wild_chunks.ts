/**
 * SCTP that makes no sense, from a member whose association the server knows.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Mutator } from "../../support/mutations.ts";
import type { RawAssociation } from "../../support/raw_association.ts";
import {
  chunk,
  ChunkType,
  dataChunk,
  forwardTsnChunk,
  initChunk,
  openMessage,
  sackChunk,
} from "../../support/sctp_chunks.ts";

/** What a packet takes. */
const LARGEST = 1_200;

/** The chunks of one packet. */
export function wildChunks(association: RawAssociation, mutator: Mutator): Buffer[] {
  const { nextTsn, serverTsn } = association;
  const valid = [
    dataChunk({ tsn: nextTsn + mutator.integer(100), flags: mutator.integer(8), data: "hello" }),
    sackChunk(serverTsn + mutator.integer(10), [[1, mutator.integer(0x1_0000)]]),
    forwardTsnChunk(nextTsn + mutator.integer(1_000), [[1, mutator.integer(0x1_0000)]]),
    initChunk(1 + mutator.integer(1_000), nextTsn),
    association.message(mutator.pick([1, 11, 0xffff]), openMessage("#more"), 50),
    chunk(
      mutator.pick(Object.values(ChunkType)),
      Buffer.alloc(mutator.integer(64), mutator.integer(256)),
    ),
  ];
  const count = 1 + mutator.integer(4);
  return Array.from(
    { length: count },
    () => mutator.bytes(valid).subarray(0, LARGEST / count),
  );
}
