/** What a `connect` message comes to, after authorisation and the server's own defaults. */
import type { ChannelSettings } from "../data/channel_settings.ts";
import type { ServerConfig } from "../options/options.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import { type AccessGrant, authorize } from "../signaling/access_token.ts";
import { type ConnectRequest, parseConnect } from "../signaling/connect_request.ts";
import { allows } from "../signaling/forwarding_filter.ts";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import type { NotifySubject } from "../signaling/notify.ts";
import { reasonName, Refusal } from "../signaling/refusal.ts";

/** A client that may come in. */
export interface Admission {
  readonly request: ConnectRequest;
  /** What its access token says, if the server asks for one. */
  readonly grant?: AccessGrant;
  /** All its data channels; empty without data channel signaling. */
  readonly channels: readonly ChannelSettings[];
  /** Whether its WebSocket may close once signaling was switched. */
  readonly ignoresWebSocket: boolean;
  /** RPC methods that it may call. */
  readonly rpcMethods: readonly string[];
  /** Milliseconds after which the connection ends; 0 for never. */
  readonly lifetimeMs: number;
}

/**
 * Rejects with a Refusal that says why the client may not come in.
 *
 * @param signalingChannels data channels for signaling itself
 */
export async function admit(
  connect: JsonObject,
  config: ServerConfig,
  signalingChannels: readonly ChannelSettings[],
): Promise<Admission> {
  const grant = config.secret === undefined
    ? undefined
    : await authorize(connect, config.secret, Date.now() / 1000);
  const request = parseConnect(grant?.message ?? connect);
  const channels = dataChannels(request, config, signalingChannels);
  const ignores = request.ignoreDisconnectWebSocket ?? config.ignoreDisconnectWebSocket;
  return {
    request,
    ...(grant === undefined ? {} : { grant }),
    channels,
    rpcMethods: grant?.rpcMethods ?? config.rpcMethods,
    ignoresWebSocket: channels.length > 0 && ignores,
    lifetimeMs: grant?.lifetimeSeconds === undefined
      ? config.connectionLifetimeMs
      : grant.lifetimeSeconds * 1000,
  };
}

function dataChannels(
  request: ConnectRequest,
  config: ServerConfig,
  signalingChannels: readonly ChannelSettings[],
): readonly ChannelSettings[] {
  const enabled = request.dataChannelSignaling ?? config.dataChannelSignaling;
  if (enabled) return [...signalingChannels, ...request.dataChannels];
  if (request.dataChannels.length > 0) throw withoutSignaling("data_channels");
  if (request.ignoreDisconnectWebSocket === true) {
    throw withoutSignaling("ignore_disconnect_websocket");
  }
  return [];
}

function withoutSignaling(member: string): Refusal {
  return new Refusal(
    `${reasonName(member)}-WITHOUT-DATA-CHANNEL-SIGNALING`,
    `connect.${member} needs data_channel_signaling.`,
  );
}

/** Whether a client is to receive this kind of media from another member. */
export function mayReceive(
  admission: Admission,
  kind: MediaKind,
  sender: { readonly id: string; readonly clientId: string },
): boolean {
  const { request } = admission;
  if (request[kind] === undefined || request.role === "sendonly") return false;
  return allows(request.forwardingFilters, {
    connection_id: sender.id,
    client_id: sender.clientId,
    kind,
  });
}

/** What notifications say of an admitted member. */
export function describeMember(
  member: { readonly id: string; readonly clientId: string; readonly bundleId: string },
  admission: Admission | undefined,
  state: { sessionId: string; minutes: number; metadata: JsonValue | undefined },
): NotifySubject {
  const notifyMetadata = admission?.request.notifyMetadata;
  const authzMetadata = admission?.grant?.authzMetadata;
  return {
    role: admission?.request.role ?? "recvonly",
    sessionId: state.sessionId,
    clientId: member.clientId,
    bundleId: member.bundleId,
    connectionId: member.id,
    audio: admission?.request.audio !== undefined,
    video: admission?.request.video !== undefined,
    minutes: state.minutes,
    ...(notifyMetadata === undefined ? {} : { notifyMetadata }),
    ...(authzMetadata === undefined ? {} : { authzMetadata }),
    ...(state.metadata === undefined ? {} : { metadata: state.metadata }),
  };
}
