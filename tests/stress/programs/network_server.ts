/**
 * A server in a process of its own: `network_server.ts OPTIONS`, which are its options as JSON. It prints where clients connect.
 *
 * @module
 */

import process from "node:process";
import { SoraServer } from "../../../sfu/mod.ts";

const server = await SoraServer.start(JSON.parse(process.argv[2] ?? "{}"));
console.log(`listening ${server.url}`);
