/**
 * The JavaScript of the package: the modules and what they import, `ws`, `jose` and `sdp-transform` included.
 *
 * @module
 */

import { build, type Plugin, stop } from "esbuild";
import { isBuiltin } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PAGE_PACKAGE, pageModule } from "./page.ts";

/** What came of bundling. */
export interface Bundle {
  /** Modules and source maps by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The npm packages inside. */
  readonly packages: readonly string[];
}

/** The modules that users import, by the name of their file. */
const ENTRIES = {
  mod: "mod.ts",
  files: "files/mod.ts",
  devices: "devices/mod.ts",
  opentelemetry: "opentelemetry/mod.ts",
  sfu: "sfu/mod.ts",
  cli: "cli/mod.ts",
};

/**
 * Makes `require("net")` an import: `ws` is CommonJS, and `require` is not there in an ES module. That way a user's own bundler
 * need not know of it either.
 */
const builtins: Plugin = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      if (kind !== "require-call" || !isBuiltin(path)) return undefined;
      return { path: path.replace(/^(node:)?/, "node:"), namespace: "builtin" };
    });
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `import builtin from "${path}";\nmodule.exports = builtin;\n`,
    }));
  },
};

/** Puts the files of the page into the package. */
const page = (root: URL): Plugin => ({
  name: "page",
  setup({ onLoad }) {
    onLoad({ filter: /[/]sfu[/]page[/]files[.]ts$/ }, () => ({
      contents: pageModule(root),
      loader: "ts",
    }));
  },
});

/**
 * A source map whose sources are URLs: `sora-ffi:///sdk/sora.ts`. Of a relative path Deno prints the line, next to the name of the
 * bundle.
 */
function withSourceUrls(contents: Uint8Array): Uint8Array {
  const map = JSON.parse(new TextDecoder().decode(contents));
  map.sources = map.sources.map((source: string) => source.replace(/^\.\.\//, "sora-ffi:///"));
  return new TextEncoder().encode(JSON.stringify(map));
}

/** Bundles the checkout. The target has no `using`: whoever starts it on Node shall reach the sentence that says so. */
export async function bundle(root: URL): Promise<Bundle> {
  const folder = fileURLToPath(root);
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ENTRIES,
    outdir: "dist",
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    // The user's own, if there is one: what is registered with it is seen by all copies of its version.
    external: ["@opentelemetry/api"],
    target: "es2022",
    charset: "utf8",
    // Less to read when a program starts. Names stay, which people see in traces.
    minifySyntax: true,
    minifyWhitespace: true,
    // What the modules share is there once, so that an error of one is an instance of the other's class.
    splitting: true,
    chunkNames: "shared-[hash]",
    sourcemap: "linked",
    // Deno reads maps when a program starts, not when it needs one.
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    plugins: [builtins, page(root)],
    // `ws` reads them when it is imported, which needs a permission on Deno, to know whether to try native packages.
    define: {
      "process.env.WS_NO_BUFFER_UTIL": '"1"',
      "process.env.WS_NO_UTF_8_VALIDATE": '"1"',
    },
  }).finally(stop);
  const files = new Map(outputFiles.map(({ path, contents }) => [
    relative(`${folder}/dist`, path),
    path.endsWith(".map") ? withSourceUrls(contents) : contents,
  ]));
  const packages = Object.keys(metafile.inputs).flatMap((input) => {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input) ?? [];
    return name === undefined ? [] : [name];
  });
  return { files, packages: [...new Set([...packages, PAGE_PACKAGE])].sort() };
}
