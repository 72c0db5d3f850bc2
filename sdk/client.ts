/**
 * The versions that a client reports to the server.
 *
 * @module
 */

import process from "node:process";
import type { Realm } from "../ffi/mod.ts";
import type { ClientInformation } from "../signaling/mod.ts";
import { version } from "../base/version.ts";

interface NativeVersion {
  readonly libwebrtc: string;
  readonly platform: string;
}

const MAX_VERSION_BYTES = 1_024;

function runtime(): string {
  const { bun, deno } = process.versions as Readonly<Record<string, string | undefined>>;
  return bun === undefined ? `Deno ${deno}` : `Bun ${bun}`;
}

/** The versions of this package, the runtime and libwebrtc. */
export function clientInformation({ functions }: Realm): ClientInformation {
  const buffer = new Uint8Array(MAX_VERSION_BYTES);
  const length = functions.sora_version(buffer, buffer.byteLength);
  const native: NativeVersion = JSON.parse(new TextDecoder().decode(buffer.subarray(0, length)));
  return {
    soraClient: `Sora FFI SDK ${version}`,
    environment: `[${native.platform}] ${runtime()}`,
    libwebrtc: native.libwebrtc,
  };
}
