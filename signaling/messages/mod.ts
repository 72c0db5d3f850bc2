/**
 * Every message of Sora's signaling, both ways.
 *
 * @module
 */

export type * from "./client.ts";
export type * from "./notify.ts";
export type * from "./offer.ts";
export type * from "./server.ts";
