/** What a `connect` message comes to, after authorisation and the server's own defaults. */
import type { DataChannelSettings } from "../data/data_channel_settings.ts";
import type { ServerConfig } from "../options/options.ts";
import { type AccessGrant, authorize } from "../signaling/access_token.ts";
import { type ConnectRequest, parseConnect } from "../signaling/connect_request.ts";
import type { JsonObject } from "../../base/json.ts";
import { reasonName, Refusal } from "../signaling/refusal.ts";

/** A client that may come in. */
export interface Admission {
  readonly request: ConnectRequest;
  /** What its access token says, if the server asks for one. */
  readonly grant?: AccessGrant;
  /** All its data channels; empty without data channel signaling. */
  readonly dataChannels: readonly DataChannelSettings[];
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
 * @param signalingDataChannels data channels for signaling itself
 */
export async function admit(
  connect: JsonObject,
  config: ServerConfig,
  signalingDataChannels: readonly DataChannelSettings[],
): Promise<Admission> {
  const grant = config.secret === undefined
    ? undefined
    : await authorize(connect, config.secret, Date.now() / 1000);
  const request = parseConnect(grant?.message ?? connect);
  const dataChannels = dataChannelsOf(request, config, signalingDataChannels);
  const ignores = request.ignoreDisconnectWebSocket ?? config.ignoreDisconnectWebSocket;
  return {
    request,
    ...(grant === undefined ? {} : { grant }),
    dataChannels,
    rpcMethods: grant?.rpcMethods ?? config.rpcMethods,
    ignoresWebSocket: dataChannels.length > 0 && ignores,
    lifetimeMs: grant?.lifetimeSeconds === undefined
      ? config.connectionLifetimeMs
      : grant.lifetimeSeconds * 1000,
  };
}

function dataChannelsOf(
  request: ConnectRequest,
  config: ServerConfig,
  signalingDataChannels: readonly DataChannelSettings[],
): readonly DataChannelSettings[] {
  const enabled = request.dataChannelSignaling ?? config.dataChannelSignaling;
  if (enabled) return [...signalingDataChannels, ...request.dataChannels];
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
