/**
 * One cycle of a client's life: it connects, media flows, it disconnects.
 *
 * @module
 */

import type { Sora, SoraConnectionOptions } from "../../mod.ts";
import { MediaClient, nextFrame } from "./media_client.ts";

const sent = { frame: { width: 160, height: 120, turn: 0 }, toneHz: 440 } as const;

/**
 * A sender and a receiver connect, a frame and audio arrive, both disconnect.
 *
 * @param options Of both.
 * @param sora That of both; by default each has one of its own.
 * @throws {Error} When any of it fails.
 */
export async function mediaCycle(
  options: Omit<SoraConnectionOptions, "role">,
  sora?: Sora,
): Promise<void> {
  await using sender = new MediaClient({ ...options, role: "sendonly" }, sent, sora);
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  (await nextFrame(video)).close();
  if (!(await audio.read(480, { timeoutMs: 5_000 })).ok) {
    throw new Error("The receiver must get audio, and 480 samples never arrived");
  }
  await Promise.all([sender.disconnect(), receiver.disconnect()]);
  for (const { disconnects, errors } of [sender, receiver]) {
    const codes = disconnects.map(([code]) => code).join(", ");
    if (codes !== "CLOSE_SUCCEEDED" || errors.length > 0) {
      throw new Error(
        `A client must end with CLOSE_SUCCEEDED, not with ${codes}; ${errors.join("; ")}`,
      );
    }
  }
}
