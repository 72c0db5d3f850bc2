/** The reports of what happens to connections, to the option `onEvent`. */
import { callGuarded, report } from "../../base/handlers.ts";
import type { SoraServerEvent } from "../events.ts";
import type { ServerConfig } from "../options/options.ts";
import type { Refusal } from "../signaling/refusal.ts";
import type { ChannelMember } from "./member.ts";

/** Hands an event to the user's function. What that throws goes to `onError`. */
function emit(config: ServerConfig, event: SoraServerEvent): void {
  callGuarded(undefined, config.onEvent, [event], (_, error) => report(config, error));
}

function identityOf({ id, clientId, role, channel }: ChannelMember) {
  return { channelId: channel?.id ?? "", connectionId: id, clientId, role };
}

/** A member is established. */
export function reportCreated(config: ServerConfig, member: ChannelMember): void {
  emit(config, { event: "connection.created", ...identityOf(member) });
}

/**
 * A member has left.
 *
 * @param seconds how long it was established; undefined when it never was, of which nobody is to know
 */
export function reportDestroyed(
  config: ServerConfig,
  member: ChannelMember,
  reason: string,
  seconds: number | undefined,
): void {
  if (seconds === undefined) return;
  emit(config, { event: "connection.destroyed", ...identityOf(member), reason, seconds });
}

/**
 * A client was refused.
 *
 * @param member undefined when there was no place for it
 */
export function reportRefused(
  config: ServerConfig,
  { reason, message: detail }: Refusal,
  member?: ChannelMember,
): void {
  const channelId = member?.channel?.id;
  emit(config, {
    event: "connection.refused",
    reason,
    detail,
    ...(member === undefined ? {} : { connectionId: member.id }),
    ...(channelId === undefined ? {} : { channelId }),
  });
}
