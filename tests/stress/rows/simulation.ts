import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** The state machine of signaling under faults. */
export const simulation: Row = {
  name: "simulation",
  what:
    "lives of a signaling session whose server, network, peer and user do anything, with faults drawn for each",
  asked: "0 violations in 1,000,000 lives, half of them on each runtime",
  on: "each",
  weight: 5,
  run: runsProgram("simulation.ts"),
};
