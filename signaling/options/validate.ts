/**
 * The checks of the options, and their defaults.
 *
 * @module
 */

import {
  checkBoolean,
  checkEach,
  checkHeaderText,
  checkInteger,
  checkNatural,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkOneOf,
  checkPositive,
  checkSecret,
  checkString,
  optional,
  type Unchecked,
  wrongType,
} from "../../base/checks.ts";
import { MAX_TIMEOUT_MS } from "../../base/clock.ts";
import { copyJson } from "../../base/json.ts";
import { checkCertificates, checkPrivateKey } from "../../base/pem.ts";
import { av1Params, h264Params, h265Params, opusParams, vp9Params } from "./codec_params.ts";
import type {
  DataChannelOptions,
  ForwardingFilter,
  ForwardingFilterRule,
  SignalingOptions,
} from "./options.ts";
import { decoded } from "./percent_encoding.ts";
import type { ReconnectOptions } from "./reconnect_policy.ts";
import { checkSignalingUrl } from "./signaling_url.ts";

/** The timeouts, all set. */
export interface SignalingTimeouts {
  /** How long the move to data channels may take, in milliseconds. */
  readonly dataChannelSignalingTimeoutMs: number;
  /** How long `disconnect()` waits for the server over data channels, in milliseconds. */
  readonly disconnectWaitTimeoutMs: number;
  /** How long the closing of a WebSocket may take, in milliseconds. */
  readonly webSocketCloseTimeoutMs: number;
  /** How long `connect()` may take altogether, in milliseconds. */
  readonly webSocketConnectionTimeoutMs: number;
}

/** Options that were checked and copied: later changes by the user have no effect. */
export type CheckedSignalingOptions = SignalingOptions & SignalingTimeouts;

const MAX_ID_BYTES = 255;

const ROLES = ["sendrecv", "sendonly", "recvonly"] as const;
const RIDS = ["r0", "r1", "r2"] as const;
const REQUEST_RIDS = ["none", ...RIDS] as const;
const VIDEO_CODECS = ["VP8", "VP9", "AV1", "H264", "H265"] as const;

const id = (value: unknown, path: string) => checkString(value, path, MAX_ID_BYTES);
const rid = (value: unknown, path: string) => checkOneOf(value, path, RIDS);
const requestRid = (value: unknown, path: string) => checkOneOf(value, path, REQUEST_RIDS);
const text = (value: unknown, path: string) => checkString(value, path);
const timeout = (value: unknown, path: string) => checkNumber(value, path, 1, MAX_TIMEOUT_MS);

const RULE = ["field", "operator", "values"] as const;

function filterRule(value: unknown, path: string): ForwardingFilterRule {
  const from = checkObject(value, path, RULE, RULE);
  return {
    field: checkOneOf(from["field"], `${path}.field`, ["connection_id", "client_id", "kind"]),
    operator: checkOneOf(from["operator"], `${path}.operator`, ["is_in", "is_not_in"]),
    values: checkEach(from["values"], `${path}.values`, text),
  };
}

function forwardingFilter(value: unknown, path: string): ForwardingFilter {
  const known = ["action", "name", "priority", "rules", "version", "metadata"];
  const from = checkObject(value, path, known, ["rules"]);
  return {
    ...optional(from, "name", path, text),
    ...optional(from, "priority", path, checkNatural),
    ...optional(from, "action", path, (v, p) => checkOneOf(v, p, ["block", "allow"])),
    rules: checkEach(from["rules"], `${path}.rules`, (v, p) => checkEach(v, p, filterRule)),
    ...optional(from, "version", path, text),
    ...optional(from, "metadata", path, copyJson),
  };
}

function headerItem(value: unknown, path: string) {
  const from = checkObject(value, path, ["type"], ["type"]);
  return { type: checkOneOf(from["type"], `${path}.type`, ["sender_connection_id"]) };
}

function dataChannel(value: unknown, path: string): DataChannelOptions {
  const from = checkObject(value, path, [
    "label",
    "direction",
    "ordered",
    "maxPacketLifeTime",
    "maxRetransmits",
    "protocol",
    "compress",
    "header",
  ], ["label", "direction"]);
  const label = checkString(from["label"], `${path}.label`);
  if (!label.startsWith("#") || label.length < 2) {
    throw wrongType(`${path}.label`, 'a "#" and a name', label);
  }
  if (from["maxPacketLifeTime"] !== undefined && from["maxRetransmits"] !== undefined) {
    throw new TypeError(
      `${path} must not have both maxPacketLifeTime and maxRetransmits (RFC 8831, section 6.6)`,
    );
  }
  const uint16 = (value: unknown, path: string) => checkInteger(value, path, 0, 65535);
  return {
    label,
    direction: checkOneOf(from["direction"], `${path}.direction`, ROLES),
    ...optional(from, "ordered", path, checkBoolean),
    ...optional(from, "maxPacketLifeTime", path, uint16),
    ...optional(from, "maxRetransmits", path, uint16),
    ...optional(from, "protocol", path, text),
    ...optional(from, "compress", path, checkBoolean),
    ...optional(from, "header", path, (v, p) => checkEach(v, p, headerItem)),
  };
}

function dataChannels(value: unknown, path: string): DataChannelOptions[] {
  const channels = checkEach(value, path, dataChannel);
  channels.forEach((channel, i) => {
    const first = channels.findIndex((other) => other.label === channel.label);
    if (first !== i) {
      throw new TypeError(`${path}[${i}].label must differ from ${path}[${first}].label`);
    }
  });
  return channels;
}

function proxyUrl(value: unknown, path: string): string {
  // It may hold a password.
  const url = checkSecret(value, path);
  if (!URL.canParse(url) || new URL(url).protocol !== "http:") {
    throw new TypeError(`${path} must be a URL that starts with "http:"`);
  }
  const { username, password } = new URL(url);
  checkUserName(decoded(username), `${path}'s user name`);
  checkPassword(decoded(password), `${path}'s password`);
  return url;
}

/** Part of Basic credentials (RFC 7617, section 2). */
function checkPassword(value: unknown, path: string): string {
  const text = checkSecret(value, path);
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) {
    throw new TypeError(`${path} must have no control characters (RFC 7617)`);
  }
  return text;
}

function checkUserName(value: unknown, path: string): string {
  const text = checkPassword(value, path);
  if (text.includes(":")) throw new TypeError(`${path} must have no colon (RFC 7617)`);
  return text;
}

function userAgent(value: unknown, path: string): string {
  return checkHeaderText(checkNonEmptyString(value, path), path);
}

function reconnect(value: unknown, path: string): ReconnectOptions {
  const known = ["maxRetries", "initialDelayMs", "maxDelayMs", "jitter"];
  const from = checkObject(value, path, known);
  return {
    ...optional(from, "maxRetries", path, checkNatural),
    ...optional(from, "initialDelayMs", path, timeout),
    ...optional(from, "maxDelayMs", path, timeout),
    ...optional(from, "jitter", path, (v, p) => checkNumber(v, p, 0, 1)),
  };
}

function signalingUrls(value: unknown, path: string): string[] {
  const urls = checkEach(value, path, checkSignalingUrl);
  if (urls.length === 0) throw new RangeError(`${path} must not be empty`);
  return urls;
}

/** Every optional property and its check. */
const OPTIONAL = {
  clientId: id,
  bundleId: id,
  metadata: copyJson,
  signalingNotifyMetadata: copyJson,
  audio: checkBoolean,
  video: checkBoolean,
  audioCodecType: (v: unknown, p: string) => checkOneOf(v, p, ["OPUS"]),
  audioBitRate: checkPositive,
  audioOpusParams: opusParams,
  audioStreamingLanguageCode: text,
  videoCodecType: (v: unknown, p: string) => checkOneOf(v, p, VIDEO_CODECS),
  videoBitRate: checkPositive,
  videoVP9Params: vp9Params,
  videoAV1Params: av1Params,
  videoH264Params: h264Params,
  videoH265Params: h265Params,
  simulcast: checkBoolean,
  simulcastRid: rid,
  simulcastRequestRid: requestRid,
  spotlight: checkBoolean,
  spotlightNumber: checkPositive,
  spotlightFocusRid: requestRid,
  spotlightUnfocusRid: requestRid,
  forwardingFilter,
  forwardingFilters: (v: unknown, p: string) => checkEach(v, p, forwardingFilter),
  dataChannels,
  dataChannelSignaling: checkBoolean,
  ignoreDisconnectWebSocket: checkBoolean,
  dataChannelSignalingTimeoutMs: timeout,
  disconnectWaitTimeoutMs: timeout,
  webSocketCloseTimeoutMs: timeout,
  webSocketConnectionTimeoutMs: timeout,
  insecure: checkBoolean,
  caCert: checkCertificates,
  clientCert: checkCertificates,
  clientKey: checkPrivateKey,
  iceTransportPolicy: (v: unknown, p: string) => checkOneOf(v, p, ["all", "relay"]),
  proxyUrl,
  proxyUsername: checkUserName,
  proxyPassword: checkPassword,
  proxyAgent: checkHeaderText,
  userAgent,
  reconnect,
} satisfies {
  readonly [K in keyof SignalingOptions]?: (value: unknown, path: string) => SignalingOptions[K];
};

const REQUIRED = ["signalingUrls", "role", "channelId"] as const;

function checkTogether(options: Unchecked, path: string): void {
  if ((options["clientCert"] === undefined) !== (options["clientKey"] === undefined)) {
    throw new TypeError(`${path}.clientCert and ${path}.clientKey must be given together`);
  }
  if (options["proxyUrl"] === undefined) {
    for (const key of ["proxyUsername", "proxyPassword", "proxyAgent"]) {
      if (options[key] !== undefined) {
        throw new TypeError(`${path}.${key} requires ${path}.proxyUrl`);
      }
    }
  }
}

/**
 * Checks a user's options, copies them and fills in the timeouts.
 *
 * @param value The options from the user.
 * @param alsoKnown Names of options that the caller checks itself, media sources for instance.
 * @throws {TypeError} If an option is missing, unknown or of the wrong kind; the message begins with its path, for example
 *   `options.dataChannels[1].label`.
 * @throws {RangeError} If a number or a length is outside its limits.
 */
export function checkSignalingOptions(
  value: unknown,
  alsoKnown: readonly string[] = [],
): CheckedSignalingOptions {
  const path = "options";
  const known = [...REQUIRED, ...Object.keys(OPTIONAL), ...alsoKnown];
  const from = checkObject(value, path, known, REQUIRED);
  const checked = {
    signalingUrls: signalingUrls(from["signalingUrls"], `${path}.signalingUrls`),
    role: checkOneOf(from["role"], `${path}.role`, ROLES),
    channelId: checkNonEmptyString(from["channelId"], `${path}.channelId`, MAX_ID_BYTES),
    dataChannelSignalingTimeoutMs: 180_000,
    disconnectWaitTimeoutMs: 5_000,
    webSocketCloseTimeoutMs: 3_000,
    webSocketConnectionTimeoutMs: 30_000,
  };
  for (const [key, check] of Object.entries(OPTIONAL)) {
    Object.assign(checked, optional(from, key, path, check));
  }
  checkTogether(from, path);
  return checked;
}
