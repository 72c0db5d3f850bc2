/** Mutual TLS with private certificates: the server and the client each prove who they are. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Sora } from "../mod.ts";
import { trialCertificates } from "./certificates.ts";
import { openRoom } from "./support.ts";

// For a real Sora: PEM files.
const { SORA_CA_CERT, SORA_CLIENT_CERT, SORA_CLIENT_KEY } = process.env;
const trial = trialCertificates();
const file = (path: string | undefined, fallback: string) => path ? readFileSync(path) : fallback;

await using room = await openRoom({ tls: { ...trial.server, clientCa: trial.authority } });
await using sora = new Sora();
const options = {
  ...room.options,
  role: "recvonly",
  // Replaces the system's authorities. Host names are still verified.
  caCert: file(SORA_CA_CERT, trial.authority),
} as const;

await using connection = sora.createConnection({
  ...options,
  clientCert: file(SORA_CLIENT_CERT, trial.client.cert),
  clientKey: file(SORA_CLIENT_KEY, trial.client.key),
});
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);

await using stranger = sora.createConnection(options);
await stranger.connect().then(
  () => console.log("This server does not ask for a client certificate"),
  ({ code }) => console.log(`Without a client certificate: ${code}`),
);
