/** Calls on the forwarding filters of a channel and of its connections. */
import type { JsonObject } from "../../../base/json.ts";
import type { FilterSet } from "../../signaling/filter_set.ts";
import {
  DEFAULT_FILTER,
  FilterError,
  type ForwardingFilter,
  parseFilter,
} from "../../signaling/forwarding_filter.ts";
import { answer, type ApiAnswer, type Call, type Calls, onChannel, text } from "../call.ts";

/** Filters that a call changes, and what makes the change hold. */
interface Target {
  readonly filters: FilterSet;
  apply(): void;
}

/** A call on the filters of a channel, or of one of its connections. */
function onFilters(
  kind: "channel" | "connection",
  run: (target: Target, body: JsonObject) => ApiAnswer,
): Call {
  return onChannel((api, channelId, body) => {
    const connectionId = text(body, "connection_id");
    if (kind === "connection" && connectionId === undefined) return undefined;
    const channel = api.channel(channelId);
    if (channel === undefined) return false;
    if (kind === "channel") {
      return run({ filters: channel.filters, apply: () => channel.applyForwarding() }, body);
    }
    const member = channel.members.find(({ id }) => id === connectionId);
    if (member === undefined) return false;
    return run({ filters: member.filters, apply: () => channel.applyForwarding(member) }, body);
  });
}

/** The filter in a body; undefined when it is malformed. */
function filterIn(body: JsonObject): ForwardingFilter | undefined {
  const { channel_id: _, connection_id: __, ...filter } = body;
  try {
    return parseFilter(filter, "filter");
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  }
}

/** Adds a filter, or replaces the one of its name, and answers with it. */
function put(kind: "channel" | "connection", replaces: boolean): Call {
  return onFilters(kind, ({ filters, apply }, body) => {
    const filter = filterIn(body);
    if (filter === undefined) return undefined;
    if ((filters.find(filter.name) !== undefined) !== replaces) {
      return replaces
        ? false
        : { status: 400, body: { error_type: "FORWARDING-FILTER-ALREADY-EXISTS" } };
    }
    try {
      filters.put(filter);
    } catch (error) {
      if (error instanceof FilterError) return undefined;
      throw error;
    }
    apply();
    return answer(body);
  });
}

/** Removes the filter of a name, or the one without. */
function remove(kind: "channel" | "connection"): Call {
  return onFilters(kind, ({ filters, apply }, body) => {
    const { name = DEFAULT_FILTER.name } = body;
    if (typeof name !== "string") return undefined;
    if (!filters.delete(name)) return false;
    apply();
    return answer(body);
  });
}

export const FORWARDING_FILTER_CALLS: Calls = {
  "Sora_20230628.ListForwardingFilters": onChannel((api, channelId, { blocked = false }) => {
    if (typeof blocked !== "boolean") return undefined;
    const channel = api.channel(channelId);
    if (channel === undefined) return false;
    const single = channel.filters.find(DEFAULT_FILTER.name);
    return answer({
      ...(single === undefined ? {} : { channel_forwarding_filter: single }),
      channel_forwarding_filters: channel.filters.sources,
      connection_forwarding_filters: channel.members.flatMap(({ id, filters }) =>
        filters.sources.map((source) => ({ connection_id: id, ...source }))
      ),
      ...(blocked
        ? {
          blocked: channel.blocked().map(({ destination, kind, sources }) => ({
            destination_connection_id: destination.id,
            kind,
            source_connection_id_list: sources.map(({ id }) => id),
          })),
        }
        : {}),
    });
  }),
  "Sora_20230628.CreateChannelForwardingFilter": put("channel", false),
  "Sora_20230628.UpdateChannelForwardingFilter": put("channel", true),
  "Sora_20230628.DeleteChannelForwardingFilter": remove("channel"),
  "Sora_20230628.CreateConnectionForwardingFilter": put("connection", false),
  "Sora_20230628.UpdateConnectionForwardingFilter": put("connection", true),
  "Sora_20230628.DeleteConnectionForwardingFilter": remove("connection"),
};
