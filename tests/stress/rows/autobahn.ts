import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** The WebSocket of signaling against the Autobahn test suite. */
export const autobahn: Row = {
  name: "autobahn",
  what:
    "the WebSocket client against the Autobahn test suite, without binary messages and compression",
  asked: "0 failed",
  on: "each",
  weight: 1,
  run: runsProgram("autobahn.ts"),
};
