/** Calls that push data to clients. */
import { type Calls, onChannel } from "../call.ts";

export const PUSH_CALLS: Calls = {
  "Sora_20160711.PushChannel": onChannel((target, channelId, { data }) =>
    data === undefined ? undefined : target.pushChannel(channelId, data)
  ),
};
