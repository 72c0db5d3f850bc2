/** Access tokens, which a server with a secret wants (RFC 7519, HS256). */

const LIFETIME_SECONDS = 300;

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/**
 * Makes a token for a channel.
 *
 * @param {string} secret
 * @param {string} channelId
 */
export async function accessToken(secret, channelId) {
  if (crypto.subtle === undefined) {
    throw new Error("Browsers sign access tokens on https: and loopback addresses alone");
  }
  const encoder = new TextEncoder();
  const part = (/** @type {unknown} */ value) => base64url(encoder.encode(JSON.stringify(value)));
  const exp = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ channel_id: channelId, exp })}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = encoder.encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}
