/**
 * Where processor time goes: samples by thread, library and function.
 *
 * @module
 */

/** The share of one function on one thread. */
export interface Cost {
  /** The name of the thread. */
  readonly thread: string;
  /** The file of the code: a library, the runtime, the kernel, or code that was compiled at run time. */
  readonly library: string;
  /** The function, or its address where the file has no names. */
  readonly symbol: string;
  /** Percent of all samples. */
  readonly percent: number;
}

/** What a cost belongs to. */
export type Kind = "codec" | "pixels" | "kernel" | "other";

/** libwebrtc's threads on which codecs run, and the stand-ins for them. */
const CODEC_THREADS = new Set(["EncoderQueue", "DecodingQueue", "AudioEncoder"]);
const OURS = "libsora_ffi.so";
/** Functions of libyuv, and our own that convert and copy pixels. */
const PIXELS =
  /^sora::\w*vectors::|Row_(?:Any_)?(?:C|SSE|SSSE|AVX|ERMS|NEON)|^libyuv::|^(?:I420|I422|ARGB|RGB24|RAW|NV12|Copy)\w*(?:Row|Plane)/;
const CODEC = /^(?:vp8|vp9|vp8cx|vp9cx|vpx|aom|av1|celt|opus|silk|clt|dav1d)_/;

/** The C library's way into the kernel. */
const SYSTEM_CALL =
  /futex|epoll|poll$|recvm|sendm|^syscall|^__(?:GI___)?(?:libc_)?(?:read|write)$|asynccancel/;

/** What a cost belongs to: codecs' functions have no namespace, and many no name of their own either, but threads of their own. */
export function kindOf({ thread, library, symbol }: Cost): Kind {
  if (library.startsWith("[kernel") || library === "[vdso]") return "kernel";
  if (library.startsWith("libc.so") && SYSTEM_CALL.test(symbol)) return "kernel";
  if (library !== OURS) return "other";
  if (PIXELS.test(symbol)) return "pixels";
  if (CODEC.test(symbol)) return "codec";
  return CODEC_THREADS.has(thread) && !symbol.includes("::") ? "codec" : "other";
}

/** Sums by what `key` gives, the largest first. */
export function sumBy(costs: readonly Cost[], key: (cost: Cost) => string): [string, number][] {
  const sums = new Map<string, number>();
  for (const cost of costs) sums.set(key(cost), (sums.get(key(cost)) ?? 0) + cost.percent);
  return [...sums].sort(([, a], [, b]) => b - a);
}

const ADDRESS = /^0x[0-9a-f]+$/;

/** The function, or the library where it has no name: the runtimes are stripped. */
export function nameOf({ library, symbol }: Cost): string {
  return ADDRESS.test(symbol) ? `${library}, without names` : symbol;
}

/**
 * Reads what `perf report` prints with the fields overhead, command, shared object and symbol, parted by bars. It rounds hundreds of
 * small ones, which together would miss 100 % by one.
 */
export function readReport(text: string): Cost[] {
  const costs = text.split("\n").flatMap((line) => {
    const match = /^\s*([\d.]+)%\s*\|([^|]*)\|([^|]*)\|\[.\] (.*)$/.exec(line);
    if (match === null) return [];
    const [, percent, thread, library, rest] = match as unknown as string[];
    // Behind the symbol perf may print columns that are empty here.
    const symbol = rest!.replace(/[|\s]+-[|\s].*$/, "").trim();
    return [{
      thread: thread!.trim(),
      library: library!.trim().replace(/^\[JIT\].*/, "[compiled JavaScript]"),
      symbol,
      percent: Number(percent),
    }];
  });
  const sum = costs.reduce((all, { percent }) => all + percent, 0);
  return costs.map((cost) => ({ ...cost, percent: cost.percent / sum * 100 }));
}

/** Threads of a runtime that wait are in one of these. */
const WAITING =
  /futex|epoll_(?:p?)wait|poll|nanosleep|cond_(?:timed)?wait|lll_lock|recv(?:m?msg)?$|accept|__read|sigtimedwait|^syscall$/;

/** Counts what threads are in: the text of gdb's `thread apply all frame` for each sample; threads that wait are left out. */
export function readFrames(samples: readonly string[]): Cost[] {
  const counts = new Map<
    string,
    [thread: string, symbol: string, library: string, count: number]
  >();
  let sum = 0;
  for (const text of samples) {
    let thread = "";
    for (const line of text.split("\n")) {
      thread = /^Thread \d+ \(.*"([^"]+)"/.exec(line)?.[1] ?? thread;
      const frame = /^#0\s+(?:(0x[0-9a-f]+) in )?(.+?) \(.*?\)(?: from (\S+))?/.exec(line);
      if (frame === null || WAITING.test(frame[2]!)) continue;
      const symbol = frame[2] === "??" ? frame[1] ?? "??" : frame[2]!;
      const library = frame[3]?.split("/").at(-1) ?? "the program";
      const key = `${thread}|${symbol}|${library}`;
      const one = counts.get(key) ?? [thread, symbol, library, 0];
      one[3]++;
      sum++;
      counts.set(key, one);
    }
  }
  return [...counts.values()].map(([thread, symbol, library, count]) => ({
    thread,
    library,
    symbol,
    percent: count / sum * 100,
  }));
}
