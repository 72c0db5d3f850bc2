/** All calls of the HTTP API. */
import type { Call } from "./call.ts";
import { CONNECTION_CALLS } from "./calls/connections.ts";
import { FORWARDING_FILTER_CALLS } from "./calls/forwarding_filters.ts";
import { METADATA_CALLS } from "./calls/metadata.ts";
import { PUSH_CALLS } from "./calls/push.ts";
import { SIMULCAST_CALLS } from "./calls/simulcast.ts";
import { SPOTLIGHT_CALLS } from "./calls/spotlight.ts";

/** Calls by the name in `x-sora-target`. */
export const CALLS: ReadonlyMap<string, Call> = new Map(Object.entries({
  ...CONNECTION_CALLS,
  ...FORWARDING_FILTER_CALLS,
  ...METADATA_CALLS,
  ...PUSH_CALLS,
  ...SIMULCAST_CALLS,
  ...SPOTLIGHT_CALLS,
}));
