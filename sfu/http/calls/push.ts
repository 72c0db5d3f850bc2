/** Calls that push data to clients. */
import { answer, type Call, type Calls } from "../call.ts";
import { onConnections, type Selector } from "../select.ts";

/** Pushes `data` to the established connections that a property of the body chooses, and answers with the message. */
function push(selector?: Selector): Call {
  return onConnections(selector, (connections, _, { data }) => {
    if (data === undefined) return undefined;
    for (const connection of connections) {
      if (connection.created) connection.push(data);
    }
    return answer({ type: "push", data });
  });
}

export const PUSH_CALLS: Calls = {
  "Sora_20160711.PushConnection": push("connection_id"),
  "Sora_20160711.PushClient": push("client_id"),
  "Sora_20160711.PushChannel": push(),
  "Sora_20201120.PushChannelByRole": push("role"),
};
