/** Calls that change the metadata of a connection. */
import type { JsonObject, JsonValue } from "../../../base/json.ts";
import type { MetadataTarget } from "../../signaling/member_metadata.ts";
import { type Call, type Calls, onConnection } from "../call.ts";

/** A call that changes a connection's metadata, and answers with it. */
function onMetadata(
  change: (metadata: MetadataTarget, body: JsonObject, push: boolean) => JsonValue | undefined,
): Call {
  return onConnection((target, channelId, connectionId, body) => {
    const { push = false } = body;
    if (typeof push !== "boolean") return undefined;
    const metadata = target.metadata(channelId, connectionId);
    if (metadata === undefined) return false;
    const changed = change(metadata, body, push);
    return changed === undefined ? undefined : { status: 200, body: changed };
  });
}

export const METADATA_CALLS: Calls = {
  "Sora_20201124.PutSignalingNotifyMetadata": onMetadata((metadata, body, push) =>
    body.metadata === undefined ? undefined : metadata.putMetadata(body.metadata, push)
  ),
  "Sora_20201124.PutSignalingNotifyMetadataItem": onMetadata((metadata, { key, value }, push) =>
    typeof key !== "string" || value === undefined
      ? undefined
      : metadata.putMetadataItem(key, value, push)
  ),
};
