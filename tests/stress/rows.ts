/**
 * The rows of `make stress`, in the order in which they run.
 *
 * @module
 */

import type { Row } from "./row.ts";
import { autobahn } from "./rows/autobahn.ts";
import { browsers } from "./rows/browsers.ts";
import { canaries } from "./rows/canaries.ts";
import { cycles } from "./rows/cycles.ts";
import { drivers } from "./rows/drivers.ts";
import { exits } from "./rows/exits.ts";
import { floods } from "./rows/floods.ts";
import { fuzz } from "./rows/fuzz.ts";
import { hostileClient } from "./rows/hostile_client.ts";
import { hostileServer } from "./rows/hostile_server.ts";
import { media } from "./rows/media.ts";
import { memory } from "./rows/memory.ts";
import { network } from "./rows/network.ts";
import { simulation } from "./rows/simulation.ts";
import { soak } from "./rows/soak.ts";
import { storm } from "./rows/storm.ts";
import { threads } from "./rows/threads.ts";
import { workers } from "./rows/workers.ts";

/** All of them. */
export const ROWS: readonly Row[] = [
  exits,
  workers,
  cycles,
  storm,
  floods,
  browsers,
  drivers,
  network,
  hostileServer,
  hostileClient,
  media,
  simulation,
  fuzz,
  threads,
  memory,
  canaries,
  autobahn,
  soak,
];
