/** The spotlight of a `connect` message. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { REQUEST_RIDS, type RequestRid } from "../sdp/rids.ts";
import { invalid, reasonName, Refusal } from "./refusal.ts";

/** What a member asks of the spotlight; the channel or the server's options decide what is undefined. */
export interface SpotlightRequest {
  /** How many members can be focused. */
  readonly number?: number;
  readonly focusRid?: RequestRid;
  readonly unfocusRid?: RequestRid;
}

/** The limits of a spotlight's number. */
export const SPOTLIGHT_NUMBER = { min: 1, max: 8 } as const;

/** Whether a value is the number of a spotlight. */
export function isSpotlightNumber(value: JsonValue | undefined): value is number {
  const { min, max } = SPOTLIGHT_NUMBER;
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

/** The rid that a value is, or undefined. */
export function requestRid(value: JsonValue | undefined): RequestRid | undefined {
  return REQUEST_RIDS.find((rid) => rid === value);
}

/**
 * Reads the properties of the spotlight; undefined without one.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseSpotlight(message: JsonObject): SpotlightRequest | undefined {
  if (message.spotlight !== true) return undefined;
  const { spotlight_number: number } = message;
  if (number !== undefined && !isSpotlightNumber(number)) {
    const { min, max } = SPOTLIGHT_NUMBER;
    throw new Refusal(
      invalid("spotlight_number"),
      `connect.spotlight_number must be an integer from ${min} to ${max}`,
    );
  }
  const focusRid = rid(message, "spotlight_focus_rid");
  const unfocusRid = rid(message, "spotlight_unfocus_rid");
  return {
    ...(number === undefined ? {} : { number }),
    ...(focusRid === undefined ? {} : { focusRid }),
    ...(unfocusRid === undefined ? {} : { unfocusRid }),
  };
}

/** Properties of simulcast that choose layers, which the focus does in a spotlight. */
const CHOSEN_BY_FOCUS = ["simulcast_rid", "simulcast_request_rid", "simulcast_rpc_rids"];

/**
 * The message with the simulcast that a spotlight has unless the client says otherwise.
 *
 * @throws Refusal when it asks for layers by properties that a spotlight has others for.
 */
export function withSpotlightSimulcast(message: JsonObject): JsonObject {
  if (message.spotlight !== true) return message;
  const { simulcast = true, spotlight_encodings: encodings } = message;
  const stray = CHOSEN_BY_FOCUS.find((key) => message[key] !== undefined);
  if (stray !== undefined) {
    throw new Refusal(
      `${reasonName(stray)}-WITH-SPOTLIGHT`,
      `connect.${stray} has no effect with spotlight, which has spotlight_focus_rid and spotlight_unfocus_rid`,
    );
  }
  if (simulcast === false && encodings !== undefined) {
    throw new Refusal(
      "SPOTLIGHT-ENCODINGS-WITHOUT-SIMULCAST",
      "connect.spotlight_encodings needs simulcast not to be false",
    );
  }
  return { ...message, simulcast };
}

function rid(message: JsonObject, key: string): RequestRid | undefined {
  const value = message[key];
  if (value === undefined) return undefined;
  const known = requestRid(value);
  if (known === undefined) {
    throw new Refusal(invalid(key), `connect.${key} must be one of ${REQUEST_RIDS.join(", ")}`);
  }
  return known;
}
