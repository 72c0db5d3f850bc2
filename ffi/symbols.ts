/**
 * The table of native functions, by topic as in `csrc/include/`. Each entry carries its C prototype as the header states it; a
 * test compares the table with the headers and with the library's exports, so that the two sides cannot drift apart.
 *
 * @module
 */

import { audioSymbols } from "./symbols/audio.ts";
import { librarySymbols } from "./symbols/library.ts";
import { peerSymbols } from "./symbols/peer.ts";
import { queueSymbols } from "./symbols/queue.ts";
import type { NativeSymbol } from "./symbols/symbol.ts";
import { transformerSymbols } from "./symbols/transformer.ts";
import { transportSymbols } from "./symbols/transport.ts";
import { videoSymbols } from "./symbols/video.ts";

export type { NativeParameter, NativeSymbol } from "./symbols/symbol.ts";

/** Every function of the native library, by name. */
export const symbols = {
  ...librarySymbols,
  ...queueSymbols,
  ...peerSymbols,
  ...audioSymbols,
  ...videoSymbols,
  ...transformerSymbols,
  ...transportSymbols,
} as const satisfies Record<string, NativeSymbol>;
