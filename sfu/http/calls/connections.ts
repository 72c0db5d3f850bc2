/** Calls on connections as a whole: their list, their end, their statistics, key frames. */
import type { JsonObject } from "../../../base/json.ts";
import { answer, type ApiConnection, type Call, type Calls, onConnection } from "../call.ts";
import { onConnections, type Selector } from "../select.ts";

/** Ends the connections that a property of the body chooses, and answers with that property. */
function disconnect(selector?: Selector): Call {
  return onConnections(selector, (connections, chosen, { reason }) => {
    // Event webhooks of Sora hand it on; this server has none.
    if (reason !== undefined && (typeof reason !== "object" || reason === null)) return undefined;
    for (const connection of connections) connection.disconnect();
    return answer(chosen);
  });
}

const list = (connections: readonly ApiConnection[]) =>
  answer(connections.flatMap((connection): JsonObject[] => {
    const entry = connection.listing();
    return entry === undefined ? [] : [entry];
  }));

const statistics = (connections: readonly ApiConnection[]) =>
  answer(connections.filter(({ created }) => created).map((connection) => connection.statistics()));

export const CONNECTION_CALLS: Calls = {
  "Sora_20201013.ListConnections": ({ local = false }, target) =>
    typeof local === "boolean" ? list(target.connections() ?? []) : undefined,
  "Sora_20201013.ListChannelConnections": onConnections(undefined, list),
  "Sora_20151104.DisconnectConnection": disconnect("connection_id"),
  "Sora_20151104.DisconnectClient": disconnect("client_id"),
  "Sora_20151104.DisconnectChannel": disconnect(),
  "Sora_20201120.DisconnectChannelByRole": disconnect("role"),
  "Sora_20241218.RequestKeyFrame": onConnection((target, channelId, connectionId) =>
    target.requestKeyFrame(channelId, connectionId)
  ),
  "Sora_20170529.GetStatsConnection": onConnections(
    "connection_id",
    ([connection]) => connection === undefined ? false : answer(connection.statistics()),
  ),
  "Sora_20170529.GetStatsClient": onConnections("client_id", statistics),
  "Sora_20171101.GetStatsAllConnections": (_, target) => statistics(target.connections() ?? []),
};
