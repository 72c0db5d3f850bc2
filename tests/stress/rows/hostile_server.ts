import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** Clients of a hostile server. */
export const hostileServer: Row = {
  name: "hostile server",
  what:
    "a client of servers that send wrong offers, nonsense, floods and broken bytes, with media from a good one beside; and what stays behind of thousands of offers and data channels",
  asked:
    "no crash, no hang over 1 s, 28 of 30 fps beside, memory flat, ≤ 1 kB left of an offer besides 256 kB that come once",
  on: "each",
  weight: 4,
  run: runsProgram("hostile_server.ts"),
};
