/**
 * A server and its clients in one process: media and messages are exchanged, and everything is closed.
 *
 * @module
 */

import { SoraServer } from "../../sfu/mod.ts";
import { exchange } from "./exchange.ts";

const server = await SoraServer.start({ port: 0 });
await exchange(server.url);
await server.close();
console.log("closed");
