/** Access tokens in `connect.metadata`: JSON Web Tokens with HS256 (RFC 7519, RFC 7515). */
import { errors, jwtVerify } from "jose";
import { isObject, type JsonObject, type JsonValue, parseJson } from "../../base/json.ts";
import { isSecret } from "../options/secret.ts";
import { Refusal } from "./refusal.ts";
import { RPC_METHODS } from "./rpc/methods.ts";
import { UNSUPPORTED_PROPERTIES } from "./unsupported.ts";

const MAX_TOKEN_LENGTH = 16_384;
const MAX_DEPTH = 32;

/** What an access token grants and overrides. */
export interface AccessGrant {
  /** The `connect` message with the token's overrides applied. */
  readonly message: JsonObject;
  /** `metadata` for the offer. */
  readonly metadata?: JsonValue;
  /** `signaling_notify_metadata`, which notifications to others carry as `authz_metadata`. */
  readonly authzMetadata?: JsonValue;
  /** The initial metadata of notifications, which the connection may change later. */
  readonly notifyMetadata?: JsonValue;
  /** `event_metadata`, which the HTTP API lists. */
  readonly eventMetadata?: JsonValue;
  /** Whether the connection gets notifications of the channel's events. */
  readonly notifies: boolean;
  /** The RPC methods that the connection may call; those of the server's options if undefined. */
  readonly rpcMethods?: readonly string[];
  /** Seconds after which the connection ends. */
  readonly lifetimeSeconds?: number;
}

/**
 * Checks the token of a `connect` message and applies its private claims.
 *
 * @param nowSeconds seconds since 1970
 * @param secretAsToken whether the secret itself is a token without claims
 * @throws Refusal with AUTHENTICATION-FAILURE when the token does not allow the connection.
 */
export async function authorize(
  message: JsonObject,
  secret: string,
  nowSeconds: number,
  secretAsToken = false,
): Promise<AccessGrant> {
  const { metadata } = message;
  const token = isObject(metadata) ? metadata.access_token : undefined;
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) {
    throw failure("connect.metadata.access_token must be a string of at most 16384 characters");
  }
  const claims = secretAsToken && isSecret(token, secret)
    ? {}
    : await verify(token, secret, nowSeconds);
  if (claims.channel_id !== undefined && claims.channel_id !== message.channel_id) {
    throw failure("The access token is for another channel");
  }
  const lifetime = claims.connection_lifetime;
  if (lifetime !== undefined && (typeof lifetime !== "number" || !(lifetime > 0))) {
    throw failure("The access token's connection_lifetime is not a positive number");
  }
  const { signaling_notify: notifies = true, rpc_methods: rpcMethods } = claims;
  if (typeof notifies !== "boolean") {
    throw failure("The access token's signaling_notify is not a boolean");
  }
  return {
    message: override(message, claims),
    notifies,
    ...(rpcMethods === undefined ? {} : { rpcMethods: methodNames(rpcMethods) }),
    ...(claims.signaling_notify_metadata_ext === undefined
      ? {}
      : { notifyMetadata: claims.signaling_notify_metadata_ext }),
    ...(claims.metadata === undefined ? {} : { metadata: claims.metadata }),
    ...(claims.event_metadata === undefined ? {} : { eventMetadata: claims.event_metadata }),
    ...(claims.signaling_notify_metadata === undefined
      ? {}
      : { authzMetadata: claims.signaling_notify_metadata }),
    ...(lifetime === undefined ? {} : { lifetimeSeconds: lifetime }),
  };
}

function methodNames(value: JsonValue): string[] {
  const names = Array.isArray(value) ? value : [undefined];
  if (!names.every((name) => typeof name === "string")) {
    throw failure("The access token's rpc_methods is not a list of names");
  }
  const unknown = names.find((name) => !RPC_METHODS.includes(name));
  if (unknown !== undefined) {
    throw new Refusal("UNSUPPORTED-RPC-METHODS", "The access token grants an unknown RPC method");
  }
  return names;
}

function failure(detail: string): Refusal {
  return new Refusal("AUTHENTICATION-FAILURE", detail);
}

/** The claims of a token whose signature, `exp` and `nbf` are right. */
async function verify(token: string, secret: string, nowSeconds: number): Promise<JsonObject> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ["HS256"],
      currentDate: new Date(nowSeconds * 1000),
    });
    // Claims go on to other clients, whose parsers limit the depth as well.
    const claims = parseJson(JSON.stringify(payload), MAX_DEPTH);
    if (isObject(claims)) return claims;
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      throw failure(`The access token is refused: ${error.code}`);
    }
    throw error;
  }
  throw failure(`The access token's claims nest more than ${MAX_DEPTH} deep`);
}

const TOP_LEVEL = [
  "client_id",
  "bundle_id",
  "data_channel_signaling",
  "ignore_disconnect_websocket",
  "data_channels",
  "simulcast",
  "simulcast_rid",
  "simulcast_request_rid",
  "simulcast_encodings",
  "simulcast_rpc_rids",
  "spotlight",
  "spotlight_number",
  "spotlight_focus_rid",
  "spotlight_unfocus_rid",
  "spotlight_encodings",
] as const;

const FILTERS = ["forwarding_filter", "forwarding_filters"] as const;

/** Applies claims to the message; those named `audio_…` and `video_…` go into `audio` and `video`. */
function override(message: JsonObject, claims: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = { ...message };
  for (const name of [...TOP_LEVEL, ...UNSUPPORTED_PROPERTIES]) {
    if (claims[name] !== undefined) result[name] = claims[name];
  }
  // The token's filters take the place of the client's, whichever form either has.
  if (FILTERS.some((name) => claims[name] !== undefined)) {
    for (const name of FILTERS) {
      delete result[name];
      if (claims[name] !== undefined) result[name] = claims[name];
    }
  }
  for (const kind of ["audio", "video"]) {
    if (claims[kind] !== undefined) result[kind] = claims[kind];
    const properties = Object.entries(claims).filter(([name]) =>
      name.startsWith(`${kind}_`) && !UNSUPPORTED_PROPERTIES.includes(name)
    );
    if (properties.length === 0 || result[kind] === false) continue;
    const base = isObject(result[kind]) ? { ...result[kind] } : {};
    // Parameters of the client's codec do not fit the token's.
    if (claims[`${kind}_codec_type`] !== undefined) {
      for (const name of Object.keys(base)) if (name.endsWith("_params")) delete base[name];
    }
    result[kind] = {
      ...base,
      ...Object.fromEntries(
        properties.map(([name, value]) => [name.slice(kind.length + 1), value]),
      ),
    };
  }
  return result;
}
