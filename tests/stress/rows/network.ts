import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** Bad paths, in network namespaces. */
export const network: Row = {
  name: "network",
  what:
    "loss, delay, jitter, reordering, duplication, little bandwidth, black holes, another address, other ports, a frozen and a killed server, IPv6 only, and UDP blocked with TURN, coturn's too",
  asked:
    "5 % and a round trip of 100 ms: 27 of 30 fps; 10 s of black hole: back in 1 s; server killed and back: 2 s; address change: 3 s; TURN: connected in 0.5 s",
  on: "each",
  weight: 7,
  run: runsProgram("network.ts"),
};
