import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** Clients of a hostile server. */
export const hostileServer: Row = {
  name: "hostile server",
  what:
    "a client of servers that send wrong offers, nonsense, floods and broken bytes, with media from a good one beside",
  asked: "no crash, no hang over 1 s, 28 of 30 fps beside, memory flat",
  on: "each",
  weight: 2,
  run: runsProgram("hostile_server.ts"),
};
