/** RPC methods that choose the layers that the caller receives in a spotlight. */
import type { JsonObject, JsonValue } from "../../../base/json.ts";
import type { SpotlightReceiver } from "../../spotlight/control.ts";
import { REQUEST_RIDS, type RequestRid } from "../../sdp/rids.ts";
import { requestRid } from "../spotlight_request.ts";
import { invalidParams, onlyProperties, type RpcMethods, type RpcTarget } from "./method.ts";

function receiver(target: RpcTarget): SpotlightReceiver {
  const { spotlightReceiver } = target;
  if (spotlightReceiver === undefined) throw invalidParams("the connection has no spotlight");
  return spotlightReceiver;
}

function sender(params: JsonObject): string | undefined {
  const { send_connection_id: id } = params;
  if (id !== undefined && typeof id !== "string") {
    throw invalidParams("send_connection_id must be a string");
  }
  return id;
}

function rid(params: JsonObject, key: string): RequestRid {
  const known = requestRid(params[key]);
  if (known === undefined) {
    throw invalidParams(`${key} must be one of ${REQUEST_RIDS.join(", ")}`);
  }
  return known;
}

function found(there: boolean): void {
  if (!there) throw invalidParams("there is no other connection with send_connection_id");
}

/** What every result has. */
function result(target: RpcTarget, rest: Readonly<Record<string, JsonValue>>): JsonObject {
  return {
    channel_id: target.channelId,
    recv_connection_id: target.id,
    ...rest,
  };
}

export const SPOTLIGHT_METHODS: RpcMethods = {
  "2025.2.0/RequestSpotlightRid": (params, target) => {
    onlyProperties(params, ["send_connection_id", "spotlight_focus_rid", "spotlight_unfocus_rid"]);
    const focus = rid(params, "spotlight_focus_rid");
    const unfocus = rid(params, "spotlight_unfocus_rid");
    const senderId = sender(params);
    found(receiver(target).request({ focus, unfocus }, senderId));
    return result(target, {
      ...(senderId === undefined ? {} : { send_connection_id: senderId }),
      spotlight_focus_rid: focus,
      spotlight_unfocus_rid: unfocus,
    });
  },
  "2025.2.0/ResetSpotlightRid": (params, target) => {
    onlyProperties(params, ["send_connection_id"]);
    const senderId = sender(params);
    found(receiver(target).reset(senderId));
    return result(target, senderId === undefined ? {} : { send_connection_id: senderId });
  },
};
