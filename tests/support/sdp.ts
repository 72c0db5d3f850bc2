/**
 * Reads session descriptions.
 *
 * @module
 */

/** The format parameters (`a=fmtp`) of each payload type of a codec, once for each media description it is in. */
export function formatParameters(sdp: string, codec: string): string[] {
  return sdp.split(/\r?\n(?=m=)/).flatMap((section) => {
    const types = [...section.matchAll(/^a=rtpmap:(\d+) ([\w-]+)\//gm)]
      .filter(([, , name]) => name === codec).map(([, type]) => type);
    return types.map((type) =>
      new RegExp(`^a=fmtp:${type} (.*?)\\r?$`, "m").exec(section)?.[1] ?? ""
    );
  });
}

/** The names of the codecs of each video media description, in the order of the `m=` line. */
export function videoCodecs(sdp: string): string[][] {
  return sdp.split(/\r?\n(?=m=)/).filter((section) => section.startsWith("m=video")).map(
    (section) => {
      const [, , , ...types] = (section.split(/\r?\n/, 1)[0] ?? "").split(" ");
      return types.map((type) =>
        new RegExp(`^a=rtpmap:${type} ([\\w-]+)/`, "m").exec(section)?.[1] ?? ""
      );
    },
  );
}
