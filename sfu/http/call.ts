/** A call of the HTTP API: the type of its table's entries, and what they share. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import type { MetadataTarget } from "../signaling/member_metadata.ts";

/** The server as the API controls it. Each method returns whether its target exists. */
export interface ApiTarget {
  disconnectConnection(channelId: string, connectionId: string): boolean;
  disconnectChannel(channelId: string): boolean;
  pushChannel(channelId: string, data: JsonValue): boolean;
  requestKeyFrame(channelId: string, connectionId: string): boolean;
  /** A connection with its client's latest statistics. */
  connectionStats(channelId: string, connectionId: string): JsonObject | undefined;
  /** A connection's metadata, to be changed. */
  metadata(channelId: string, connectionId: string): MetadataTarget | undefined;
  hasConnection(channelId: string, connectionId: string): boolean;
}

/** An answer with its own status; `true` stands for 200 `{}`, `false` for 404, undefined for an invalid body. */
export type ApiAnswer =
  | boolean
  | undefined
  | { readonly status: number; readonly body: JsonValue };

/** One call: its body is checked by itself. */
export type Call = (body: JsonObject, target: ApiTarget) => ApiAnswer;

/** Calls by the name in `x-sora-target`. */
export type Calls = Readonly<Record<string, Call>>;

/** A property that must be a string; undefined when it is not. */
export function text(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  return typeof value === "string" ? value : undefined;
}

/** A call on the channel that `channel_id` names. */
export function onChannel(
  run: (target: ApiTarget, channelId: string, body: JsonObject) => ApiAnswer,
): Call {
  return (body, target) => {
    const channelId = text(body, "channel_id");
    return channelId === undefined ? undefined : run(target, channelId, body);
  };
}

/** A call on the connection that `channel_id` and `connection_id` name. */
export function onConnection(
  run: (
    target: ApiTarget,
    channelId: string,
    connectionId: string,
    body: JsonObject,
  ) => ApiAnswer,
): Call {
  return onChannel((target, channelId, body) => {
    const connectionId = text(body, "connection_id");
    return connectionId === undefined ? undefined : run(target, channelId, connectionId, body);
  });
}
