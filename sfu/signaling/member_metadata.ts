/** Metadata that a client sets by RPC; notifications carry it as `metadata`. */
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { RpcTarget } from "./rpc.ts";

export class MemberMetadata implements RpcTarget {
  #value: Json | undefined;
  readonly #connectionId: string;
  readonly #push: (data: JsonObject) => void;

  /** @param push sends data to the other members of the channel */
  constructor(connectionId: string, push: (data: JsonObject) => void) {
    this.#connectionId = connectionId;
    this.#push = push;
  }

  /** The metadata; undefined until it is set. */
  get value(): Json | undefined {
    return this.#value;
  }

  putMetadata(metadata: Json, push: boolean): Json {
    this.#value = metadata;
    if (push) this.#announce({ action: "PutMetadata", metadata });
    return metadata;
  }

  putMetadataItem(key: string, value: Json, push: boolean): Json {
    const next = { ...(isObject(this.#value) ? this.#value : {}), [key]: value };
    this.#value = next;
    if (push) this.#announce({ action: "PutMetadataItem", key, value });
    return next;
  }

  #announce(change: JsonObject): void {
    this.#push({
      ...change,
      connection_id: this.#connectionId,
      type: "signaling_notify_metadata_ext",
    });
  }
}
