/**
 * An embedded Sora-compatible WebRTC SFU, so that demos, trials and test suites need neither an
 * account nor a network. It does not use the client library.
 *
 * @module
 */
export { SoraServer } from "./server.ts";
export type {
  SoraServerConnection,
  SoraServerLayer,
  SoraServerPath,
  SoraServerSubscription,
  SoraServerTrack,
} from "./connections.ts";
export type {
  SoraServerConnectionEvent,
  SoraServerCreated,
  SoraServerDestroyed,
  SoraServerEvent,
  SoraServerRefused,
} from "./events.ts";
export type {
  ConnectionStep,
  ServerFaults,
  ServerMessageType,
  SignalingFaults,
} from "./faults/faults.ts";
export type { SoraServerFilter, SoraServerFilterCondition } from "./filters.ts";
export type { IceServerOption } from "./options/ice_config.ts";
export type { SoraServerOptions } from "./options/options.ts";
export type { JsonValue as Json } from "../base/json.ts";
export type { ServerTls } from "./options/tls_options.ts";
export type { SoraServerStats } from "./stats.ts";
