/**
 * The table of subcommands: each is a file in `commands/` and a line here.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { codecs } from "./commands/codecs.ts";
import { devices } from "./commands/devices.ts";
import { doctor } from "./commands/doctor.ts";
import { load } from "./commands/load.ts";
import { send } from "./commands/send.ts";
import { receive } from "./commands/receive.ts";
import { server } from "./commands/server.ts";
import { stats } from "./commands/stats.ts";

/** The subcommands by name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  server,
  send,
  receive,
  stats,
  load,
  codecs,
  devices,
  doctor,
};
