/** Connects over TLS with certificates of one's own: the server proves who it is, and so does the client (mTLS). */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Sora } from "../mod.ts";
import { trialCertificates } from "./certificates.ts";
import { openRoom } from "./support.ts";

// With a real Sora: files in PEM.
const { SORA_CA_CERT, SORA_CLIENT_CERT, SORA_CLIENT_KEY } = process.env;
const trial = trialCertificates();
const file = (path: string | undefined, otherwise: string) => path ? readFileSync(path) : otherwise;

await using room = await openRoom({ tls: { ...trial.server, clientCa: trial.authority } });
await using sora = new Sora();
const options = {
  ...room.options,
  role: "recvonly",
  // In place of the system's authorities. Host names are verified as well.
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
  () => console.log("This server asks for no client certificate"),
  ({ code }) => console.log(`Without a client certificate: ${code}`),
);
