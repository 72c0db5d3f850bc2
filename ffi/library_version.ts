/**
 * What a library says about itself.
 *
 * @module
 */

import type { Binding } from "./binding.ts";

const MAX_BYTES = 1_024;

/** What a library says about itself. */
export interface LibraryVersion {
  /** The version of sora-ffi that it was built for. */
  readonly library: string;
  /** Where its libwebrtc comes from, and that one's version. */
  readonly libwebrtc: string;
}

/** The versions of a library, or undefined when it does not give them in a form that is known here. */
export function libraryVersion({ functions }: Binding): LibraryVersion | undefined {
  const bytes = new Uint8Array(MAX_BYTES);
  try {
    const length = functions.sora_version(bytes, bytes.length);
    return JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)));
  } catch {
    return undefined;
  }
}
