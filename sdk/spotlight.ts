/**
 * What a member of a spotlight asks its server for.
 *
 * @module
 */

import { checkNonEmptyString, checkObject, checkOneOf } from "../base/checks.ts";
import type { JsonObject } from "../base/json.ts";
import type { SimulcastRequestRid } from "../signaling/mod.ts";
import { REQUEST_RIDS } from "./simulcast.ts";

/** The layers that a member of a spotlight wants to receive. */
export interface SoraSpotlightRids {
  /** The layer of senders who have the focus; `none`: no video. */
  readonly focusRid: SimulcastRequestRid;
  /** The layer of all others; `none`: no video. */
  readonly unfocusRid: SimulcastRequestRid;
}

/** The parameters of `RequestSpotlightRid`. */
export function requestSpotlightRidParams(
  rids: SoraSpotlightRids,
  senderConnectionId: string | undefined,
): JsonObject {
  const { focusRid, unfocusRid } = checkObject(rids, "rids", ["focusRid", "unfocusRid"]);
  return {
    ...senderParams(senderConnectionId),
    spotlight_focus_rid: checkOneOf(focusRid, "rids.focusRid", REQUEST_RIDS),
    spotlight_unfocus_rid: checkOneOf(unfocusRid, "rids.unfocusRid", REQUEST_RIDS),
  };
}

/** The parameters of `ResetSpotlightRid`. */
export function senderParams(senderConnectionId: string | undefined): JsonObject {
  return senderConnectionId === undefined
    ? {}
    : { send_connection_id: checkNonEmptyString(senderConnectionId, "senderConnectionId") };
}
