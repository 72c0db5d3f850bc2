/**
 * The devices that ffmpeg lists, which each of its inputs prints in a form of its own.
 *
 * @module
 */

/** A device in such a list. */
export interface ListedDevice {
  /** What ffmpeg takes for it as its input. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Whether the list marks it as the default. */
  readonly isDefault: boolean;
}

/** Cameras and microphones of one list. */
export interface ListedKinds {
  readonly cameras: readonly ListedDevice[];
  readonly microphones: readonly ListedDevice[];
}

/** Most devices that are taken from a list. */
const MAX_DEVICES = 256;

/** Lines like `* cable.monitor [Monitor of Null Output] (none)`, which `ffmpeg -sources` prints: `pulse` and `alsa`. */
export function parseSources(text: string): readonly ListedDevice[] {
  return text.split("\n").flatMap((line) => {
    const [, mark, id, name] = /^([* ]) (\S.*?) \[(.*)\](?: \([^()]*\))?\s*$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id, name: name || id, isDefault: mark === "*" }];
  }).slice(0, MAX_DEVICES);
}

/** The message in a line of the log: without `[dshow @ 0x1234] `. */
function message(line: string): string {
  return line.replace(/^\[[^\]]* @ [^\]]*\] ?/, "").trimEnd();
}

/**
 * What `ffmpeg -f avfoundation -list_devices true` logs on macOS: a headline for each kind, below it `[0] FaceTime HD Camera`. The
 * screens among the cameras are left out.
 */
export function parseAvFoundation(text: string): ListedKinds {
  const kinds = { cameras: [] as ListedDevice[], microphones: [] as ListedDevice[] };
  let kind: keyof typeof kinds | undefined;
  for (const line of text.split("\n").map(message)) {
    if (/^AVFoundation video devices/.test(line)) kind = "cameras";
    else if (/^AVFoundation audio devices/.test(line)) kind = "microphones";
    const [, id, name] = /^\[(\d+)\] (.+)$/.exec(line) ?? [];
    if (kind === undefined || id === undefined || name === undefined) continue;
    if (kinds[kind].length >= MAX_DEVICES || /^Capture screen \d+$/.test(name)) continue;
    kinds[kind].push({
      id: kind === "cameras" ? id : `:${id}`,
      name,
      isDefault: kinds[kind].length === 0,
    });
  }
  return kinds;
}

const idKind = (isCamera: boolean) => isCamera ? "video" : "audio";

/**
 * What `ffmpeg -f dshow -list_devices true` logs on Windows: `"Integrated Camera" (video)` since version 5, a headline for each kind
 * before. The alternative name that follows tells devices of the same name apart.
 */
export function parseDshow(text: string): ListedKinds {
  const kinds = { cameras: [] as ListedDevice[], microphones: [] as ListedDevice[] };
  let headline: keyof typeof kinds | undefined;
  let list: ListedDevice[] | undefined;
  for (const line of text.split("\n").map(message)) {
    if (/^DirectShow video devices/.test(line)) headline = "cameras";
    else if (/^DirectShow audio devices/.test(line)) headline = "microphones";
    const [, alternative] = /^\s+Alternative name "(.+)"$/.exec(line) ?? [];
    const last = list?.at(-1);
    if (alternative !== undefined && list !== undefined && last !== undefined) {
      const isTwin = list.filter(({ name }) => name === last.name).length > 1;
      if (isTwin) {
        list[list.length - 1] = { ...last, id: `${idKind(list === kinds.cameras)}=${alternative}` };
      }
      continue;
    }
    const [, name, kind] = /^\s*"(.+)"(?: \((.*)\))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    const key = kind === undefined
      ? headline
      : kind.startsWith("video")
      ? "cameras"
      : kind === "audio"
      ? "microphones"
      : undefined;
    list = key === undefined ? undefined : kinds[key];
    if (list === undefined || list.length >= MAX_DEVICES) continue;
    const id = `${idKind(list === kinds.cameras)}=${name}`;
    list.push({ id, name, isDefault: list.length === 0 });
  }
  return kinds;
}
