/** A call of the HTTP API: the type of its table's entries, and what they share. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import type { BlockedTracks, ForwardingMember } from "../connection/forwarding.ts";
import type { FilterSet } from "../signaling/filter_set.ts";
import type { Role } from "../signaling/connect_request.ts";
import type { MetadataTarget } from "../signaling/member_metadata.ts";
import type { SpotlightControl } from "../spotlight/control.ts";
import type { RpcTarget } from "../signaling/rpc/method.ts";

/** A connection as the API controls it. */
export interface ApiConnection {
  readonly id: string;
  readonly clientId: string;
  readonly role: Role;
  /** Whether it is established. */
  readonly created: boolean;
  /** Ends it with `DISCONNECTED-API`. */
  disconnect(): void;
  push(data: JsonValue): void;
  /** It with its client's latest statistics. */
  statistics(): JsonObject;
  /** Its entry in a list of connections; undefined unless it is established. */
  listing(): JsonObject | undefined;
}

/** A channel as the API controls its forwarding. */
export interface ApiChannel {
  readonly filters: FilterSet;
  readonly members: readonly ForwardingMember[];
  /** What filters keep from members who would receive it. */
  blocked(): readonly BlockedTracks[];
  /** Applies filters that changed: those of one member, or the channel's. */
  applyForwarding(member?: ForwardingMember): void;
}

/** The server as the API controls it. Methods with a boolean return whether their target exists. */
export interface ApiTarget {
  /** A channel that has members. */
  channel(channelId: string): ApiChannel | undefined;
  /** The connections of a channel, or of all channels; undefined when there is no such channel. */
  connections(channelId?: string): readonly ApiConnection[] | undefined;
  requestKeyFrame(channelId: string, connectionId: string): boolean;
  /** A connection's metadata, to be changed. */
  metadata(channelId: string, connectionId: string): MetadataTarget | undefined;
  /** A connection as its own RPC calls change it. */
  connection(channelId: string, connectionId: string): RpcTarget | undefined;
  /** The spotlight of a channel, if it has one. */
  spotlight(channelId: string): SpotlightControl | undefined;
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

/** The answer of a call that succeeded. */
export function answer(body: JsonValue): ApiAnswer {
  return { status: 200, body };
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
