/** What happens on a server, for its log: connections that come, go and are refused. */

/** An event of a connection that is established. */
export interface SoraServerConnectionEvent {
  /** The channel. */
  readonly channelId: string;
  /** The connection. */
  readonly connectionId: string;
  /** Its client's own name, or the connection's id. */
  readonly clientId: string;
  /** What it does with media. */
  readonly role: "sendrecv" | "sendonly" | "recvonly";
}

/** A connection is established. */
export interface SoraServerCreated extends SoraServerConnectionEvent {
  /** What happened. */
  readonly event: "connection.created";
}

/** A connection that was established has ended. */
export interface SoraServerDestroyed extends SoraServerConnectionEvent {
  /** What happened. */
  readonly event: "connection.destroyed";
  /** Why, as the WebSocket's close reason says it: `TYPE-DISCONNECT`, `DISCONNECTED-API`, or that of a refusal. */
  readonly reason: string;
  /** Seconds for which it was established. */
  readonly seconds: number;
}

/** A client was refused, or its connection ended for an error of the client: WebSocket close code 4490. */
export interface SoraServerRefused {
  /** What happened. */
  readonly event: "connection.refused";
  /** The WebSocket's close reason. */
  readonly reason: string;
  /** The same for people. */
  readonly detail: string;
  /** Absent when there was no place for a connection. */
  readonly connectionId?: string;
  /** Absent when it joined no channel. */
  readonly channelId?: string;
}

/** What the option `onEvent` gets. */
export type SoraServerEvent = SoraServerCreated | SoraServerDestroyed | SoraServerRefused;
