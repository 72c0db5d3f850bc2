/** The comparison of a text with the secret. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether a text is the secret. Takes as long whatever the two have in common. */
export function isSecret(text: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(text), digest(secret));
}
