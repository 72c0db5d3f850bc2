/**
 * Every message of Sora's signaling, both ways.
 *
 * @module
 */

export type * from "./client_messages.ts";
export type * from "./notify_messages.ts";
export type * from "./offer_message.ts";
export type * from "./server_messages.ts";
