/** RPC methods that change the caller's own metadata. */
import type { JsonObject, JsonValue } from "../../../base/json.ts";
import { invalidParams, onlyProperties, type RpcMethods } from "./method.ts";

function push(params: JsonObject): boolean {
  const value = params.push ?? false;
  if (typeof value !== "boolean") throw invalidParams("push must be a boolean");
  return value;
}

function put(metadata: JsonValue | undefined): JsonValue {
  if (metadata === undefined) throw invalidParams("metadata is too large");
  return metadata;
}

export const METADATA_METHODS: RpcMethods = {
  "2025.2.0/PutSignalingNotifyMetadata": (params, target) => {
    onlyProperties(params, ["metadata", "push"]);
    if (params.metadata === undefined) throw invalidParams("metadata is missing");
    return put(target.metadata.putMetadata(params.metadata, push(params)));
  },
  "2025.2.0/PutSignalingNotifyMetadataItem": (params, target) => {
    onlyProperties(params, ["key", "value", "push"]);
    if (typeof params.key !== "string" || params.value === undefined) {
      throw invalidParams("key or value is missing");
    }
    return put(target.metadata.putMetadataItem(params.key, params.value, push(params)));
  },
};
