/** The connections that a call is about: those of a channel, of one client, of one role, or one of them. */
import type { JsonObject } from "../../base/json.ts";
import { type ApiAnswer, type ApiConnection, type ApiTarget, type Call, text } from "./call.ts";

/** Properties of a body that choose among the connections of a channel. */
export type Selector = "connection_id" | "client_id" | "role";

const ROLES = ["sendrecv", "sendonly", "recvonly"];

const SELECTED: Readonly<Record<Selector, (connection: ApiConnection) => string>> = {
  connection_id: ({ id }) => id,
  client_id: ({ clientId }) => clientId,
  role: ({ role }) => role,
};

/**
 * A call on the connections of the channel `channel_id` that a property of the body chooses, or on all of them. There is no
 * target (404) without the channel, the connection or the client; of a role there may be nobody.
 *
 * @param run gets the properties that chose, too
 */
export function onConnections(
  selector: Selector | undefined,
  run: (
    connections: readonly ApiConnection[],
    chosen: JsonObject,
    body: JsonObject,
    target: ApiTarget,
  ) => ApiAnswer,
): Call {
  return (body, target) => {
    const channelId = text(body, "channel_id");
    if (channelId === undefined) return undefined;
    const all = target.connections(channelId);
    if (selector === undefined) {
      return all === undefined ? false : run(all, { channel_id: channelId }, body, target);
    }
    const value = text(body, selector);
    if (value === undefined || (selector === "role" && !ROLES.includes(value))) return undefined;
    const connections = all?.filter((connection) => SELECTED[selector](connection) === value);
    if (connections === undefined || (connections.length === 0 && selector !== "role")) {
      return false;
    }
    return run(connections, { channel_id: channelId, [selector]: value }, body, target);
  };
}
