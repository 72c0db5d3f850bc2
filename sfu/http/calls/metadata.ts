/** Calls on the metadata of connections. */
import type { JsonObject, JsonValue } from "../../../base/json.ts";
import type { MetadataTarget } from "../../signaling/member_metadata.ts";
import { answer, type Call, type Calls, onConnection } from "../call.ts";
import { onConnections } from "../select.ts";

/** A call that reads or changes a connection's metadata, and answers with it. */
function onMetadata(
  change: (metadata: MetadataTarget, body: JsonObject, push: boolean) => JsonValue | undefined,
): Call {
  return onConnection((target, channelId, connectionId, body) => {
    const { push = false } = body;
    if (typeof push !== "boolean") return undefined;
    const metadata = target.metadata(channelId, connectionId);
    if (metadata === undefined) return false;
    const changed = change(metadata, body, push);
    return changed === undefined ? undefined : answer(changed);
  });
}

export const METADATA_CALLS: Calls = {
  "Sora_20201124.ListSignalingNotifyMetadata": onConnections(
    undefined,
    (connections, { channel_id: channelId }, _, target) =>
      answer(connections.flatMap(({ id, clientId }): JsonObject[] => {
        const metadata = target.metadata(String(channelId), id)?.value;
        return metadata === undefined ? [] : [{ connection_id: id, client_id: clientId, metadata }];
      })),
  ),
  "Sora_20201124.GetSignalingNotifyMetadata": onMetadata(({ value = {} }) => value),
  "Sora_20201124.PutSignalingNotifyMetadata": onMetadata((metadata, body, push) =>
    body.metadata === undefined ? undefined : metadata.putMetadata(body.metadata, push)
  ),
  "Sora_20201124.PutSignalingNotifyMetadataItem": onMetadata((metadata, { key, value }, push) =>
    typeof key !== "string" || value === undefined
      ? undefined
      : metadata.putMetadataItem(key, value, push)
  ),
  "Sora_20201124.DeleteSignalingNotifyMetadata": onMetadata((metadata, _, push) =>
    metadata.deleteMetadata(push)
  ),
  "Sora_20201124.DeleteSignalingNotifyMetadataItem": onMetadata((metadata, { key }, push) =>
    typeof key === "string" ? metadata.deleteMetadataItem(key, push) : undefined
  ),
};
