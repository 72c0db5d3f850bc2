/** Calls that choose the layer of a video. */
import type { JsonObject } from "../../../base/json.ts";
import { REQUEST_RIDS } from "../../sdp/rids.ts";
import { type ApiAnswer, type ApiTarget, type Calls, onChannel, text } from "../call.ts";

/**
 * Requests a layer of the video of one sender, or of every sender.
 *
 * @param receiver the property with the receiver's connection id
 * @param sender the property with the sender's connection id, which may be absent
 */
function request(
  target: ApiTarget,
  channelId: string,
  body: JsonObject,
  [receiver, sender]: readonly [string, string],
): ApiAnswer {
  const receiverId = text(body, receiver);
  const senderId = text(body, sender);
  const rid = REQUEST_RIDS.find((known) => known === body.rid);
  if (receiverId === undefined || rid === undefined) return undefined;
  if (body[sender] !== undefined && senderId === undefined) return undefined;
  const connection = target.connection(channelId, receiverId);
  if (connection === undefined) return false;
  if (connection.simulcastRpcRids === undefined) {
    return { status: 400, body: { error_type: "SIMULCAST-DISABLED" } };
  }
  if (!connection.requestRid(rid, senderId)) return false;
  return {
    status: 200,
    body: {
      channel_id: channelId,
      [receiver]: receiverId,
      ...(senderId === undefined ? {} : { [sender]: senderId }),
      rid,
    },
  };
}

const requestSimulcastRid = onChannel((target, channelId, body) =>
  request(target, channelId, body, ["receiver_connection_id", "sender_connection_id"])
);

export const SIMULCAST_CALLS: Calls = {
  "Sora_20251210.RequestSimulcastRid": requestSimulcastRid,
  // As Sora DevTools call it.
  "Sora_20251217.RequestSimulcastRid": requestSimulcastRid,
  "Sora_20201005.RequestRtpStream": onChannel((target, channelId, body) =>
    request(target, channelId, body, ["recv_connection_id", "send_connection_id"])
  ),
};
