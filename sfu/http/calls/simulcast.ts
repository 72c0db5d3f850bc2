/** Calls that choose the layer of a video. */
import type { JsonValue } from "../../../base/json.ts";
import { type Calls, onChannel, text } from "../call.ts";

const RIDS: readonly JsonValue[] = ["none", "r0", "r1", "r2", "auto"];

export const SIMULCAST_CALLS: Calls = {
  "Sora_20251210.RequestSimulcastRid": onChannel((target, channelId, body) => {
    const receiver = text(body, "receiver_connection_id");
    if (receiver === undefined) return undefined;
    if (body.rid === undefined || !RIDS.includes(body.rid)) return undefined;
    if (!target.hasConnection(channelId, receiver)) return false;
    // No connection of this server has simulcast, so there is no layer to choose.
    return { status: 400, body: { error_type: "SIMULCAST-DISABLED" } };
  }),
};
