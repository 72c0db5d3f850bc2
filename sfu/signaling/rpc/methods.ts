/** All RPC methods. */
import { METADATA_METHODS } from "./metadata_methods.ts";
import type { RpcMethod } from "./method.ts";
import { SIMULCAST_METHODS } from "./simulcast_methods.ts";

import { SPOTLIGHT_METHODS } from "./spotlight_methods.ts";

/** Methods that a client may call, as the offer lists them. */
export const METHODS: ReadonlyMap<string, RpcMethod> = new Map(Object.entries({
  ...METADATA_METHODS,
  ...SIMULCAST_METHODS,
  ...SPOTLIGHT_METHODS,
}));

/** Names of all methods. */
export const RPC_METHODS: readonly string[] = [...METHODS.keys()];
