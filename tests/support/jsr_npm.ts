/**
 * The package that JSR makes of one of its own for those who use npm: JavaScript under the scope `@jsr`. This stands in for
 * `npm.jsr.io`, which cannot be tried without publishing.
 *
 * @module
 */

import { stop, transform } from "esbuild";
import { type Files, tarball } from "../../packages/tarball.ts";
import type { Published } from "./registry.ts";

/** A module's specifier, with what stands before it. */
const SPECIFIER = /(\bfrom |\bimport\(|\bimport )"([^"]+)"/g;
/** A specifier of an npm package: name and version. */
const NPM = /^npm:(.+)@([^@]+)$/;

/** The name of JSR's package `@scope/name` on npm. */
export function jsrNpmName(name: string): string {
  return name.replace(/^@(.*)\/(.*)$/, "@jsr/$1__$2");
}

/** Makes it of the files of JSR's. */
export async function jsrNpmPackage(files: Files): Promise<Published> {
  const { name, version, exports } = JSON.parse(decode(files.get("deno.json")!));
  const dependencies: Record<string, string> = {};
  const specifier = (own: string) => {
    const [, npm, wanted] = NPM.exec(own) ?? [];
    if (npm === undefined || wanted === undefined) return own.replace(/\.ts$/, ".js");
    dependencies[npm] = wanted;
    return npm;
  };
  const modules = await Promise.all(
    [...files].filter(([path]) => path.endsWith(".ts")).map(
      async ([path, bytes]): Promise<[string, Uint8Array]> => {
        const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
        const { code } = await transform(decode(bytes), { loader: "ts", tsconfigRaw });
        const named = code.replace(SPECIFIER, (_, head, own) => `${head}"${specifier(own)}"`);
        return [path.replace(/\.ts$/, ".js"), encode(named)];
      },
    ),
  ).finally(stop);
  const manifest = {
    name: jsrNpmName(name),
    version: version as string,
    type: "module",
    exports: Object.fromEntries(
      Object.entries<string>(exports).map(([key, path]) => [key, specifier(path)]),
    ),
    dependencies,
  };
  return {
    manifest,
    tarball: tarball(new Map([...modules, ["package.json", encode(JSON.stringify(manifest))]])),
  };
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
