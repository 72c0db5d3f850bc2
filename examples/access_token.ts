/** Access tokens: connects with one in `metadata`, which the server verifies, and is refused without one. */
import { createHmac, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import process from "node:process";
import { Sora, SoraError } from "../mod.ts";
import { openRoom } from "./support.ts";

/** A JSON Web Token (RFC 7519). In production your web service issues it to signed-in users: the secret never leaves the service. */
function makeToken(claims: object, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const secret = randomBytes(32).toString("hex");
await using room = await openRoom({ secret });
const inTenMinutes = Math.floor(Date.now() / 1_000) + 600;
const accessToken = process.env.SORA_ACCESS_TOKEN ?? makeToken({
  channel_id: room.options.channelId,
  exp: inTenMinutes,
  // The token's claims take precedence over what the client asks for.
  video_codec_type: "VP8",
}, secret);

await using sora = new Sora();
await using connection = sora.createConnection({
  ...room.options,
  role: "recvonly",
  videoCodecType: "VP9",
  metadata: { access_token: accessToken },
});
connection.onSetOffer = (offer) => {
  console.log(`The token allows ${offer.video_codec_type ?? "any codec"}`);
};
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);

await using stranger = sora.createConnection({ ...room.options, role: "recvonly" });
try {
  await stranger.connect();
  console.log("This server accepts connections without a token");
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  console.log(`Without a token: ${error.code}, ${error.message}`);
}
