/** RPC methods that choose the layers that the caller gets. */
import { invalidParams, onlyProperties, type RpcMethods } from "./method.ts";

export const SIMULCAST_METHODS: RpcMethods = {
  "2025.2.0/RequestSimulcastRid": (params, target) => {
    onlyProperties(params, ["rid", "sender_connection_id"]);
    const { rid, sender_connection_id: senderId } = params;
    const { simulcastRpcRids: allowed } = target;
    if (allowed === undefined) throw invalidParams("the connection is without simulcast");
    const requested = allowed.find((one) => one === rid);
    if (requested === undefined) throw invalidParams("rid must be one of simulcast_rpc_rids");
    if (senderId !== undefined && typeof senderId !== "string") {
      throw invalidParams("sender_connection_id must be a string");
    }
    if (!target.requestRid(requested, senderId)) {
      throw invalidParams("sender_connection_id must be a connection that sends video");
    }
    return {
      channel_id: target.channelId,
      receiver_connection_id: target.id,
      rid: requested,
      ...(senderId === undefined ? {} : { sender_connection_id: senderId }),
    };
  },
};
