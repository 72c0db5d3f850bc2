/**
 * The reference of the API, as `deno doc --html` writes it, with the site's header.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { head } from "./layout.ts";

/** A symbol of the API, for the search. */
export interface ApiSymbol {
  readonly name: string;
  readonly doc: string;
  /** Its page, from the root of the site. */
  readonly url: string;
}

/**
 * Writes the reference into a folder.
 *
 * @param modules The modules that users import.
 * @param header The header of a page that is so far from the root of the site.
 */
export async function writeApi(
  deno: string,
  root: string,
  modules: readonly string[],
  folder: string,
  header: (up: string) => string,
): Promise<ApiSymbol[]> {
  await promisify(execFile)(
    deno,
    ["doc", "--html", "--quiet", "--name=sora-ffi", `--output=${folder}`, ...modules],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".html")) continue;
    const path = join(entry.parentPath, entry.name);
    const up = "../".repeat(relative(folder, path).split(sep).length);
    await writeFile(path, withHeader(await readFile(path, "utf8"), up, header(up)));
  }
  return symbols(await readFile(join(folder, "search_index.js"), "utf8"));
}

/** A page of the reference with the site's header, whose search takes the place of its own. */
function withHeader(html: string, up: string, header: string): string {
  const own = /<script src="[^"]*(?:search_index|fuse|search)\.js" defer><\/script>/g;
  const page = html.replaceAll(own, "").replace("</head>", `${head(up)}\n</head>`)
    .replace("<body>", `<body class="site-api">\n${header}`)
    // `deno doc` knows no package.
    .replaceAll(
      /(?<=import \{ \w+ \} from &quot;)(\.|\w+)(?=&quot;)/g,
      (_, name) => name === "." ? "sora-ffi" : `sora-ffi/${name}`,
    );
  if (!page.includes("site-header")) throw new Error("deno doc writes pages of another shape");
  return page;
}

/** The symbols of `deno doc`'s own search. */
function symbols(script: string): ApiSymbol[] {
  const [, json = ""] = /DENO_DOC_SEARCH_INDEX = (\{[^]*\});?\s*\}\)\(\)/.exec(script) ?? [];
  const { nodes } = JSON.parse(json) as { nodes: { name: string; doc: string; url: string }[] };
  return nodes.map(({ name, doc, url }) => ({
    name: name.replace(".prototype.", "."),
    doc,
    url: `api/${url.replace(/^(?:\.\/)+/, "")}`,
  }));
}
