/**
 * The checks of what is installed: runtime, system, library, codecs.
 *
 * @module
 */

import { cpus, release, type } from "node:os";
import { escapeControls } from "../../base/text.ts";
import { inspectHost, inspectLibrary, inspectThreads } from "../../ffi/mod.ts";
import { getVideoCodecCapability, version } from "../../mod.ts";
import { codecTable } from "../commands/codecs.ts";
import { type Check, failed, messageOf, ok, skippedWithout } from "./finding.ts";

/** Something that needs a permission on Deno, which a report can do without. */
function optionally<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The runtime and its version. */
export const checkRuntime: Check = () => {
  const { runtime, version, unsupportedRuntime } = inspectHost();
  const data = { name: runtime, version };
  return unsupportedRuntime === undefined
    ? ok(`${runtime} ${version}`, data)
    : failed(unsupportedRuntime, data);
};

/** Operating system, processor and C library. */
export const checkSystem: Check = () => {
  const { processor, libc, unsupportedSystem } = inspectHost();
  const system = [optionally(type), optionally(release)].filter(Boolean).join(" ") || "unknown";
  const cores = optionally(cpus) ?? [];
  const model = cores[0] === undefined ? "" : ` (${cores.length} × ${cores[0].model.trim()})`;
  const found = `${system}, ${processor}${model}, ${libc ?? "C library unknown"}`;
  const data = {
    system,
    processor,
    model: cores[0]?.model ?? null,
    cores: cores.length,
    libc: libc ?? null,
  };
  return unsupportedSystem === undefined
    ? ok(found, data)
    : failed(`${found}\n${unsupportedSystem}`, data);
};

/** Where the library was looked for, and which was loaded. */
export const checkLibrary: Check = (findings) => {
  const skipped = skippedWithout(findings, "runtime");
  if (skipped !== undefined) return skipped;
  const { failed: others, loaded, error } = inspectLibrary();
  const data = {
    expected: version,
    version: loaded?.version ?? null,
    libwebrtc: loaded?.libwebrtc ?? null,
    path: loaded?.path ?? null,
    origin: loaded?.origin ?? null,
    notLoaded: others.map(({ origin, path, reason }) => ({ origin, path: path ?? null, reason })),
  };
  if (error !== undefined) return failed(messageOf(error), data);
  const where = ({ path, origin }: { path: string | undefined; origin: string }) =>
    path === undefined ? origin : `${path} (${origin})`;
  const lines = [
    `sora-ffi ${loaded?.version}, libwebrtc ${loaded?.libwebrtc}`,
    `loaded from ${loaded === undefined ? "nowhere" : where(loaded)}`,
    ...others.map((place) => `not from ${where(place)}: ${place.reason}`),
  ];
  return ok(lines.map(escapeControls).join("\n"), data);
};

/** The priorities of threads; without any, media comes late on a machine that is overloaded, which is no fault. */
export const checkThreads: Check = (findings) => {
  const skipped = skippedWithout(findings, "library");
  if (skipped !== undefined) return skipped;
  const { audio, network, decoder, encoder } = inspectThreads();
  const data = { audio, network, decoder, encoder };
  const text = Object.entries(data).map(([name, priority]) => `${name} ${priority}`).join(", ");
  return ok(
    Object.values(data).some((priority) => priority !== "nice 0")
      ? text
      : `${text}: to come before other programs takes CAP_SYS_NICE, RLIMIT_RTPRIO or RLIMIT_NICE`,
    data,
  );
};

/** The codecs and the engines that have them: VP8, VP9 and AV1 are inside the library. */
export function checkCodecs(openh264: string | undefined): Check {
  return (findings) => {
    const skipped = skippedWithout(findings, "library");
    if (skipped !== undefined) return skipped;
    const capability = getVideoCodecCapability({ openh264 });
    const { engines, unavailable } = capability;
    const data = {
      engines: engines.map(({ name, codecs, parameters }) => ({
        name,
        codecs: codecs.map(({ type, encoder, decoder }) => ({ type, encoder, decoder })),
        parameters,
      })),
      unavailable: unavailable.map(({ name, reason }) => ({ name, reason })),
    };
    const text = codecTable(capability).trimEnd();
    const inside = capability.find("INTERNAL")?.codecs ?? [];
    const lacking = ["VP8", "VP9", "AV1"].filter((name) =>
      !inside.some(({ type, encoder, decoder }) => type === name && encoder && decoder)
    );
    return lacking.length === 0
      ? ok(text, data)
      : failed(`${text}\nThe library must encode and decode ${lacking.join(", ")}`, data);
  };
}
