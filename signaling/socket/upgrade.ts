/**
 * The opening handshake of a WebSocket as a client makes it (RFC 6455, section 4.1).
 *
 * @module
 */

import { decoded } from "../options/percent_encoding.ts";

/** Longest head of a server's answers, in bytes. */
export const MAX_ANSWER_BYTES = 16 * 1024;

const END_OF_HEAD = "\r\n\r\n";
const KEY_BYTES = 16;
/** What the server adds to the key (RFC 6455, section 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The server answered with another status than 101. */
export class UpgradeRefusedError extends Error {
  /** The status. */
  readonly httpStatus: number;

  /** A refusal. @param httpStatus The status of the server's answer. */
  constructor(httpStatus: number) {
    super(`The server did not open a WebSocket: status ${httpStatus}`);
    this.httpStatus = httpStatus;
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function credentials({ username, password }: URL): string[] {
  if (username === "" && password === "") return [];
  const text = `${decoded(username)}:${decoded(password)}`;
  return [`Authorization: Basic ${base64(new TextEncoder().encode(text))}`];
}

/** Requires an answer with the status 101. @throws {UpgradeRefusedError} It has another. */
export function requireSwitching({ status }: AnswerHead): void {
  if (status !== 101) throw new UpgradeRefusedError(status);
}

/** One opening handshake. */
export class Upgrade {
  /** The request, which is ASCII. */
  readonly request: string;
  readonly #accept: string;

  private constructor(request: string, accept: string) {
    this.request = request;
    this.#accept = accept;
  }

  /** Makes one. @param url The server's URL. @param userAgent `User-Agent`. */
  static async make(url: URL, userAgent: string): Promise<Upgrade> {
    const key = base64(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
    const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}${GUID}`));
    const lines = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      `User-Agent: ${userAgent}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      ...credentials(url),
    ];
    return new Upgrade(lines.join("\r\n") + END_OF_HEAD, base64(new Uint8Array(digest)));
  }

  /**
   * Judges the head of an answer with the status 101.
   *
   * @throws {Error} It opens no WebSocket.
   */
  check({ headers }: AnswerHead): void {
    const isOpen = headers.get("upgrade")?.toLowerCase() === "websocket" &&
      /(^|,)[ \t]*upgrade[ \t]*(,|$)/i.test(headers.get("connection") ?? "") &&
      headers.get("sec-websocket-accept") === this.#accept;
    if (!isOpen) throw new Error("The server's answer does not open a WebSocket");
    for (const name of ["sec-websocket-extensions", "sec-websocket-protocol"]) {
      if (headers.has(name)) throw new Error(`The server's answer must not have ${name}`);
    }
  }
}

/** The head of a server's answer. */
export interface AnswerHead {
  /** The status. */
  readonly status: number;
  /** The fields by their names in lower case; several of a name are joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the answer that belong to the head, and to those before it with a status of 1xx. */
  readonly length: number;
}

/**
 * Reads the head of an answer (RFC 9112), after those that are not final.
 *
 * @returns undefined while it is incomplete.
 * @throws {Error} It is not HTTP/1.1, or too long.
 */
export function readAnswer(bytes: Uint8Array): AnswerHead | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, MAX_ANSWER_BYTES));
  for (let from = 0;;) {
    const end = text.indexOf(END_OF_HEAD, from);
    const [first = "", ...lines] = text.slice(from, end < 0 ? undefined : end).split("\r\n");
    if (end < 0 && bytes.length >= MAX_ANSWER_BYTES) {
      throw new Error(`The server's answer has no end within ${MAX_ANSWER_BYTES} bytes`);
    }
    const [, digits] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first) ?? [];
    // What speaks something else may never send such an end.
    if (digits === undefined && (end >= 0 || !"HTTP/1.".startsWith(first.slice(0, 7)))) {
      throw new Error("The server's answer is not HTTP/1.1");
    }
    if (end < 0) return undefined;
    const status = Number(digits);
    from = end + END_OF_HEAD.length;
    if (status < 200 && status !== 101) continue;
    return { status, headers: fields(lines), length: from };
  }
}

function fields(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") throw new Error("The server's answer has a field that is not HTTP/1.1");
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
