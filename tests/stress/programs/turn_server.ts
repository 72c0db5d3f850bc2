/**
 * A TURN server in a process of its own: `turn_server.ts HOST`, over TCP, or `turn_server.ts HOST CERTIFICATE`, over TLS with the certificate and key in
 * that JSON. It prints its port.
 *
 * @module
 */

import process from "node:process";
import { startTurnServer } from "../../support/turn_server.ts";

const [host, certificate] = process.argv.slice(2);
const turn = await startTurnServer(
  certificate === undefined ? undefined : JSON.parse(certificate),
  host,
);
console.log(`port ${turn.port}`);
