/** What a connection needs of the server it belongs to. */
import type { DtlsCertificate } from "../transport/certificate.ts";
import type { Channel } from "./channel.ts";
import type { Connection } from "./connection.ts";
import type { ServerConfig } from "../options/options.ts";
import type { RefusalReason } from "../signaling/refusal.ts";

/** The server as a connection sees it. */
export interface ConnectionHost {
  readonly config: ServerConfig;
  readonly certificate: DtlsCertificate;
  /**
   * The channel to join.
   *
   * @param remote whose places the newcomer takes
   * @throws Refusal when it is full.
   */
  channel(id: string, remote: string): Channel;
  /** Where a client of this channel is to go instead, if anywhere. */
  redirect(channelId: string): string | undefined;
  /** A connection was refused or lost; the detail is for people and has no client data. */
  onRefused(reason: RefusalReason, detail: string): void;
  /** A connection is over. */
  onEnded(connection: Connection): void;
}
