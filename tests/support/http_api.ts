/**
 * Calls of the embedded server's HTTP API.
 *
 * @module
 */

import type { SoraServer } from "../../sfu/mod.ts";

/** Calls it, without a body if there is none; gives the status and the answer. */
export async function askApi(
  server: SoraServer,
  target: string,
  body?: object,
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: "POST",
    headers: { "x-sora-target": target },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: await response.json() };
}
