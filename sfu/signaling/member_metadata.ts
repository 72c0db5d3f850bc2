/** Metadata that a client sets by RPC; notifications carry it as `metadata`. */
import { Buffer } from "node:buffer";
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";

/**
 * Bytes of one member's metadata as JSON. Each newcomer receives that of all others, by default up
 * to a hundred.
 */
const MAX_METADATA_BYTES = 16_384;

/** Whether metadata is larger than a member may have. */
export function isTooLarge(metadata: JsonValue): boolean {
  return Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES;
}

/** The metadata of a member, as RPC and the HTTP API change it. */
export interface MetadataTarget {
  /** The metadata; undefined until it is set. */
  readonly value: JsonValue | undefined;
  /** Replaces the metadata that notifications carry as `metadata`; undefined when it is too large. */
  putMetadata(metadata: JsonValue, push: boolean): JsonValue | undefined;
  /** Sets one property of that metadata; undefined when that makes it too large. */
  putMetadataItem(key: string, value: JsonValue, push: boolean): JsonValue | undefined;
  /** Removes the metadata. Returns what is left: nothing. */
  deleteMetadata(push: boolean): JsonValue;
  /** Removes one property of it, if it is there. Returns what is left. */
  deleteMetadataItem(key: string, push: boolean): JsonValue;
}

export class MemberMetadata implements MetadataTarget {
  #value: JsonValue | undefined;
  readonly #connectionId: string;
  readonly #push: (data: JsonObject) => void;

  /** @param push sends data to the other members of the channel */
  constructor(connectionId: string, push: (data: JsonObject) => void) {
    this.#connectionId = connectionId;
    this.#push = push;
  }

  get value(): JsonValue | undefined {
    return this.#value;
  }

  putMetadata(metadata: JsonValue, push: boolean): JsonValue | undefined {
    if (isTooLarge(metadata)) return undefined;
    this.#value = metadata;
    if (push) this.#announce({ action: "PutMetadata", metadata });
    return metadata;
  }

  putMetadataItem(key: string, value: JsonValue, push: boolean): JsonValue | undefined {
    const next = { ...(isObject(this.#value) ? this.#value : {}), [key]: value };
    if (isTooLarge(next)) return undefined;
    this.#value = next;
    if (push) this.#announce({ action: "PutMetadataItem", key, value });
    return next;
  }

  deleteMetadata(push: boolean): JsonValue {
    this.#value = undefined;
    if (push) this.#announce({ action: "DeleteMetadata" });
    return {};
  }

  deleteMetadataItem(key: string, push: boolean): JsonValue {
    const { [key]: _, ...next } = isObject(this.#value) ? this.#value : {};
    if (isObject(this.#value)) this.#value = next;
    if (push) this.#announce({ action: "DeleteMetadataItem", key });
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
