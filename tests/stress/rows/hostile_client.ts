import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** A server with hostile clients. */
export const hostileClient: Row = {
  name: "hostile client",
  what:
    "a server whose clients send wrong signaling, HTTP, ICE, DTLS, SCTP, RTP and RTCP, authentic and not, and floods",
  asked: "no crash, no hang over 1 s, 28 of 30 fps beside, memory flat",
  on: "each",
  weight: 2,
  run: runsProgram("hostile_client.ts"),
};
