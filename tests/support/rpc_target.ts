/** A connection as RPC methods and the HTTP API change it, for tests without a server. */

import type { MetadataTarget } from "../../sfu/signaling/member_metadata.ts";
import type { RpcTarget } from "../../sfu/signaling/rpc/method.ts";

/** The connection `a` in channel `c`, which may request r0 and r1, is in a spotlight, and gets video of `b`. */
export function fakeRpcTarget(metadata: MetadataTarget): RpcTarget {
  const has = (senderId?: string) => senderId === undefined || senderId === "b";
  return {
    id: "a",
    channelId: "c",
    metadata,
    spotlightReceiver: { request: (_pair, senderId) => has(senderId), reset: has },
    simulcastRpcRids: ["r0", "r1"],
    requestRid: (_rid, senderId) => has(senderId),
  };
}
