/** Calls on connections as a whole: their end, their statistics, key frames. */
import { type Calls, onChannel, onConnection } from "../call.ts";

export const CONNECTION_CALLS: Calls = {
  "Sora_20151104.DisconnectConnection": onConnection((target, channelId, connectionId) =>
    target.disconnectConnection(channelId, connectionId)
  ),
  "Sora_20151104.DisconnectChannel": onChannel((target, channelId) =>
    target.disconnectChannel(channelId)
  ),
  "Sora_20241218.RequestKeyFrame": onConnection((target, channelId, connectionId) =>
    target.requestKeyFrame(channelId, connectionId)
  ),
  "Sora_20170529.GetStatsConnection": onConnection((target, channelId, connectionId) => {
    const body = target.connectionStats(channelId, connectionId);
    return body === undefined ? false : { status: 200, body };
  }),
};
