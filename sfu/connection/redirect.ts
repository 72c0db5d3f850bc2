/** The redirect of a client to another server, by the option `redirect`. */
import { callGuarded, report } from "../../base/handlers.ts";
import type { ServerConfig } from "../options/options.ts";
import { Refusal } from "../signaling/refusal.ts";

/**
 * The signaling URL for the clients of a channel, if they are to go elsewhere.
 *
 * @throws Refusal when the user's function fails; `onError` gets what it threw.
 */
export function redirectLocation(config: ServerConfig, channelId: string): string | undefined {
  const { redirect } = config;
  if (typeof redirect !== "function") return redirect;
  let failed = false;
  const location: unknown = callGuarded(undefined, redirect, [channelId], (_, error) => {
    failed = true;
    report(config, error);
  });
  if (!failed && (location === undefined || typeof location === "string")) return location;
  if (!failed) {
    const message = "options.redirect must return a URL or undefined, and not a promise of one";
    report(config, new TypeError(message));
  }
  throw new Refusal("INTERNAL-ERROR", "options.redirect failed");
}
