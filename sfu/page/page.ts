/** The page at `/`: shows who is in which channel, and lets a person join one. */
import { version } from "../../base/version.ts";
import type { ServerConfig } from "../options/options.ts";

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** The files of the page by their paths, and their types. */
export const PAGE_FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["index.html", HTML],
  "/page/style.css": ["style.css", CSS],
  "/page/main.js": ["main.js", JAVASCRIPT],
  "/page/dom.js": ["dom.js", JAVASCRIPT],
  "/page/members.js": ["members.js", JAVASCRIPT],
  "/page/room.js": ["room.js", JAVASCRIPT],
  "/page/token.js": ["token.js", JAVASCRIPT],
  "/page/videos.js": ["videos.js", JAVASCRIPT],
  "/page/sora.js": ["sora.js", JAVASCRIPT],
};

const SETTINGS = "/page/settings.json";

/** Whether a path is one of the page's. */
export function isPagePath(path: string): boolean {
  return path === SETTINGS || Object.hasOwn(PAGE_FILES, path);
}

/**
 * What the page may load (CSP, level 3): its own files, and nothing that stands in its HTML. Only where clients are redirected may
 * it open WebSockets to others.
 */
function policy({ redirect }: ServerConfig): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    `connect-src 'self'${redirect !== undefined ? " ws: wss:" : ""}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The answer to a request for one of the page's paths. */
export async function pageAnswer(path: string, config: ServerConfig): Promise<HttpAnswer> {
  if (path === SETTINGS) {
    const { path, secret } = config;
    const settings = { version, path, secret: secret !== undefined };
    return { status: 200, type: "application/json", body: JSON.stringify(settings) };
  }
  const [name, type] = PAGE_FILES[path]!;
  try {
    // Whoever has no page need not load it.
    const { readPageFile } = await import("./files.ts");
    const headers = {
      "content-security-policy": policy(config),
      "permissions-policy": "camera=(self), microphone=(self)",
    };
    return { status: 200, type, body: readPageFile(name), headers };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const body = `The page cannot be read: ${reason}\n`;
    return { status: 500, type: "text/plain; charset=utf-8", body };
  }
}
