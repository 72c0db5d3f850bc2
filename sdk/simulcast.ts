/**
 * What a receiver asks its server for.
 *
 * @module
 */

import { checkNonEmptyString, checkOneOf } from "../base/checks.ts";
import type { JsonObject } from "../base/json.ts";
import type { SimulcastRequestRid } from "../signaling/mod.ts";

/** All that can be requested of a layer. */
export const REQUEST_RIDS = ["none", "r0", "r1", "r2"] as const;

/** The parameters of `RequestSimulcastRid`. */
export function requestSimulcastRidParams(
  rid: SimulcastRequestRid,
  senderConnectionId: string | undefined,
): JsonObject {
  return {
    rid: checkOneOf(rid, "rid", REQUEST_RIDS),
    ...(senderConnectionId === undefined ? {} : {
      sender_connection_id: checkNonEmptyString(senderConnectionId, "senderConnectionId"),
    }),
  };
}
