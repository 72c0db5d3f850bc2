import type { RequestRid } from "../sdp/rids.ts";

/** A change of the layer that is forwarded. */
export interface LayerSwitch {
  /** The publisher's connection id. */
  readonly senderId: string;
  readonly requested: RequestRid;
  readonly current: RequestRid;
  readonly previous: RequestRid;
  /** Whether the receiver wanted it, or the sender's layers changed. */
  readonly trigger: "receiver" | "sender";
}
