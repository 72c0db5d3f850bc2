/** Simulcast as a client or its access token requests it: the layers to send, and those to receive. */
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { REQUEST_RIDS, type RequestRid, type Rid, RIDS } from "../sdp/rids.ts";
import { invalid, Refusal } from "./refusal.ts";

/** One layer to send, as the offer's `encodings` have it (W3C WebRTC, `RTCRtpEncodingParameters`). */
export interface SimulcastEncoding {
  readonly rid: Rid;
  readonly active: boolean;
  /** All its properties, the two above included. */
  readonly parameters: JsonObject;
}

/** The simulcast of one connection. */
export interface SimulcastRequest {
  /** The requested layer of others' videos; the server's option decides if undefined. */
  readonly rid?: RequestRid;
  /** The layers that the client is to send, the smallest first. */
  readonly encodings: readonly SimulcastEncoding[];
  /** What the client may request by RPC. */
  readonly rpcRids: readonly RequestRid[];
}

/** The layers of Sora: each has half the width and height of the next one. */
const DEFAULT_ENCODINGS: JsonValue = RIDS.map((rid, index) => ({
  rid,
  active: true,
  scaleResolutionDownBy: 2 ** (RIDS.length - 1 - index),
  // Without it VP9 and AV1 become one stream of several layers.
  scalabilityMode: "L1T1",
}));

/**
 * Reads the properties of `connect` for simulcast; undefined without it.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseSimulcast(message: JsonObject): SimulcastRequest | undefined {
  if (message.simulcast !== true) return undefined;
  const rid = message.simulcast_request_rid ?? message.simulcast_rid;
  const requested = REQUEST_RIDS.find((known) => known === rid);
  // A spotlight may have layers of its own.
  const property = message.spotlight_encodings === undefined
    ? "simulcast_encodings"
    : "spotlight_encodings";
  return {
    ...(requested === undefined ? {} : { rid: requested }),
    encodings: parseEncodings(message[property] ?? DEFAULT_ENCODINGS, property),
    rpcRids: parseRpcRids(message.simulcast_rpc_rids ?? REQUEST_RIDS),
  };
}

function parseRpcRids(value: JsonValue): RequestRid[] {
  const fail = () =>
    new Refusal(
      invalid("simulcast_rpc_rids"),
      `connect.simulcast_rpc_rids must be a list of ${REQUEST_RIDS.join(", ")}`,
    );
  if (!Array.isArray(value) || value.length > REQUEST_RIDS.length) throw fail();
  const rids: RequestRid[] = [];
  for (const item of value) {
    const rid = REQUEST_RIDS.find((known) => known === item);
    if (rid === undefined || rids.includes(rid)) throw fail();
    rids.push(rid);
  }
  return rids;
}

/**
 * Reads the encodings of a sender.
 *
 * @param property the property of `connect` that has them
 * @throws Refusal when they are malformed or contradict each other.
 */
export function parseEncodings(value: JsonValue, property: string): SimulcastEncoding[] {
  const fail = (detail: string) => new Refusal(invalid(property), `connect.${property} ${detail}`);
  if (!Array.isArray(value) || value.length === 0 || value.length > RIDS.length) {
    throw fail(`must be a list of 1 to ${RIDS.length} encodings`);
  }
  const encodings = value.map((item) => parseEncoding(item, fail));
  const rids = encodings.map(({ rid }) => RIDS.indexOf(rid));
  if (rids.some((index, at) => at > 0 && index <= rids[at - 1]!)) {
    throw fail("must have each rid once, in the order r0, r1, r2");
  }
  // As setParameters() of W3C WebRTC Extensions: the sizes of all layers, or of none.
  const sized = encodings.filter(({ active, parameters }) =>
    active && parameters.scaleResolutionDownTo !== undefined
  );
  const active = encodings.filter((encoding) => encoding.active);
  if (sized.length > 0 && sized.length < active.length) {
    throw fail("must have scaleResolutionDownTo in all active encodings or in none");
  }
  return encodings;
}

type Fail = (detail: string) => Refusal;
type Parameter = (value: JsonValue) => boolean;

const positiveInteger = (value: JsonValue) =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 0x7fff_ffff;

/** Whether a value is what a parameter may be, by its name. */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  rid: (value) => RIDS.some((rid) => rid === value),
  active: (value) => typeof value === "boolean",
  maxBitrate: positiveInteger,
  minBitrate: positiveInteger,
  maxFramerate: (value) => typeof value === "number" && value > 0 && value <= 1000,
  scaleResolutionDownBy: (value) => typeof value === "number" && value >= 1 && value <= 64,
  scaleResolutionDownTo: (value) =>
    isObject(value) && Object.keys(value).sort().join() === "maxHeight,maxWidth" &&
    Object.values(value).every((side) => positiveInteger(side) && Number(side) <= 16_384),
  // One spatial layer: several layers of one stream are no simulcast.
  scalabilityMode: (value) => typeof value === "string" && /^L1T[1-3]$/.test(value),
  adaptivePtime: (value) => typeof value === "boolean",
};

function parseEncoding(value: JsonValue, fail: Fail): SimulcastEncoding {
  if (!isObject(value)) throw fail("must be a list of objects");
  for (const [name, given] of Object.entries(value)) {
    const accepts = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    // The value is the client's or its operator's own, but its name may be anything.
    if (accepts === undefined) throw fail("has an unknown property");
    if (!accepts(given)) throw fail(`has a wrong ${name}`);
  }
  const { rid, active = true, minBitrate, maxBitrate } = value;
  const known = RIDS.find((one) => one === rid);
  if (known === undefined) throw fail("must have a rid in each encoding");
  if (Number(minBitrate ?? 0) > Number(maxBitrate ?? Infinity)) {
    throw fail("has a minBitrate above the maxBitrate");
  }
  return { rid: known, active: active === true, parameters: { ...value, active } };
}
