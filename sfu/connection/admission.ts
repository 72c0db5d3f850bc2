/** The admission of a client: its `connect` message, authorised and with the server's defaults. */
import type { DataChannelSettings } from "../data/data_channel_settings.ts";
import type { ServerConfig } from "../options/options.ts";
import { type AccessGrant, authorize } from "../signaling/access_token.ts";
import { type ConnectRequest, parseConnect } from "../signaling/connect_request.ts";
import type { JsonObject } from "../../base/json.ts";
import { reasonName, Refusal } from "../signaling/refusal.ts";
import { refuseUnsupported } from "../signaling/unsupported.ts";

/** What an admitted client may do. */
export interface Admission {
  readonly request: ConnectRequest;
  /** The claims of its access token, if the server requires one. */
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
 * Rejects with a Refusal when the client is not admitted.
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
    : await authorize(connect, config.secret, Date.now() / 1000, config.secretAsToken);
  const message = grant?.message ?? connect;
  const request = parseConnect(message);
  refuseUnsupported(connect, message);
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
    `connect.${member} requires data_channel_signaling`,
  );
}
