/**
 * What Sora has and this server has not. It is refused, whether `connect` or an access token asks for it: a test that relied on
 * something without effect would prove nothing.
 */
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { reasonName, Refusal } from "./refusal.ts";

/** Whether a value asks for the feature that its property turns on. */
type Asks = (value: JsonValue) => boolean;

/** Turned on by anything but false and nothing. */
const on: Asks = (value) => value !== false && value !== null;

/** Properties of `connect` and claims of access tokens, by what asks for more than the server does. */
const UNSUPPORTED: Readonly<Record<string, Asks>> = {
  simulcast_multicodec: on,
  simulcast_codecs: on,
  // Without it, a channel is for one sender and one receiver.
  multistream: (value) => value === false,
  audio_streaming: on,
  audio_streaming_auto: on,
  audio_streaming_language_code: on,
  audio_streaming_service_type: on,
  cluster_affinity: on,
  h264_profile_level_id: on,
  ipv4_address: on,
  ipv6_address: on,
  recording_block: on,
  rtc_stats: on,
  signaling_notify_ice_connection_state: on,
  turn_fqdn: on,
  turn_tcp_only: on,
  turn_tls_only: on,
  user_agent_stats: on,
};

/** What `audio` and `video` may have in `connect`, or as claims `audio_…` and `video_…`. */
const MEDIA: Readonly<Record<"audio" | "video", readonly string[]>> = {
  audio: ["codec_type", "bit_rate", "opus_params"],
  video: ["codec_type", "bit_rate", "vp9_params", "av1_params", "h264_params", "h265_params"],
};

/** Claims of an access token that no client may ask for by itself. */
const TOKEN_ONLY = [
  "connection_lifetime",
  "event_metadata",
  "rpc_methods",
  "signaling_notify",
  "signaling_notify_metadata_ext",
  "simulcast_codecs",
  "simulcast_encodings",
  "simulcast_rpc_rids",
  "spotlight_encodings",
] as const;

/** Their names. As claims, they are properties of `connect` itself, also those named `audio_…`. */
export const UNSUPPORTED_PROPERTIES: readonly string[] = Object.keys(UNSUPPORTED);

/**
 * Refuses what this server has not.
 *
 * @param connect the client's own message
 * @param request that message with what an access token changes
 * @throws Refusal with UNSUPPORTED and the name of the property.
 */
export function refuseUnsupported(connect: JsonObject, request: JsonObject): void {
  for (const [name, asks] of Object.entries(UNSUPPORTED)) {
    const value = request[name];
    if (value !== undefined && asks(value)) throw unsupported(name);
  }
  for (const [kind, known] of Object.entries(MEDIA)) {
    const media = request[kind];
    if (!isObject(media)) continue;
    const unknown = Object.keys(media).find((name) => !known.includes(name));
    if (unknown !== undefined) throw unsupported(`${kind}_${unknown}`);
    for (const params of ["h264_params", "h265_params"]) {
      const value = media[params];
      if (isObject(value) && value.b_frame === true) throw unsupported(`${kind}_${params}_b_frame`);
    }
  }
  const stray = TOKEN_ONLY.find((name) => connect[name] !== undefined);
  if (stray !== undefined) {
    throw new Refusal(
      `${reasonName(stray)}-WITHOUT-ACCESS-TOKEN`,
      `connect.${stray} may only be a claim of an access token`,
    );
  }
}

function unsupported(name: string): Refusal {
  // A name may be the client's own, and a reason is at most 123 bytes (RFC 6455, 5.5).
  const shown = /^[a-z0-9_]{1,64}$/.test(name) ? reasonName(name) : "UNKNOWN-PROPERTY";
  return new Refusal(`UNSUPPORTED-${shown}`, `This server does not support ${shown}`);
}
