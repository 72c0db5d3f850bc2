/**
 * The messages from Sora that this version knows: their fields, and where they may come from.
 *
 * @module
 */

import { notify, offer } from "./checks.ts";
import {
  boolean,
  FieldProblem,
  type Fields,
  integer,
  nonEmptyString,
  optionalFields,
  string,
} from "./fields.ts";
import type { ServerMessage } from "./server.ts";

/** What holds for messages of a type. */
export interface ServerMessageRules {
  /** Checks the fields. */
  readonly check: (from: Fields) => void;
  /** The WebSocket, or the labels of data channels, over which it may come; from elsewhere it is ignored. */
  readonly carriers: readonly string[];
}

/** All messages that this version knows. */
export const SERVER_MESSAGES: Readonly<Record<ServerMessage["type"], ServerMessageRules>> = {
  offer: { check: offer, carriers: ["websocket"] },
  redirect: {
    check: (from) => nonEmptyString(from["location"], "location"),
    carriers: ["websocket"],
  },
  "re-offer": {
    check: (from) => nonEmptyString(from["sdp"], "sdp"),
    carriers: ["websocket", "signaling"],
  },
  update: {
    check: (from) => nonEmptyString(from["sdp"], "sdp"),
    carriers: ["websocket", "signaling"],
  },
  ping: { check: (from) => optionalFields(from, "", { stats: boolean }), carriers: ["websocket"] },
  notify: { check: notify, carriers: ["websocket", "notify"] },
  push: {
    check: (from) => {
      if (from["data"] === undefined) throw new FieldProblem("data", "must be present");
    },
    carriers: ["websocket", "push"],
  },
  switched: {
    check: (from) => boolean(from["ignore_disconnect_websocket"], "ignore_disconnect_websocket"),
    carriers: ["websocket"],
  },
  "req-stats": { check: () => {}, carriers: ["stats"] },
  close: {
    check: (from) => {
      integer(from["code"], "code");
      string(from["reason"], "reason");
    },
    carriers: ["signaling"],
  },
};
