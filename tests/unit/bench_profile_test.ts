import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, nameOf, readFrames, readReport, sumBy } from "../../bench/profile/costs.ts";

const LIBRARY = "libsora_ffi.so";

test("readReport reads perf's lines, with and without empty columns behind, and no comments, as shares of their sum", () => {
  const text = [
    "# Overhead|Command|Shared Object|Symbol",
    "    5.00%|EncoderQueue|libsora_ffi.so|[.] vp8_pack_tokens",
    " 3.00%|sora-worker    |libsora_ffi.so    |[.] sora::Find<int, long>    |-      |-",
    "    2.00%|deno|[JIT] tid 31742|[.] JS:*drain file:///ffi/events.ts:92:9",
    "",
  ].join("\n");
  assert.deepEqual(readReport(text), [
    { thread: "EncoderQueue", library: LIBRARY, symbol: "vp8_pack_tokens", percent: 50 },
    { thread: "sora-worker", library: LIBRARY, symbol: "sora::Find<int, long>", percent: 30 },
    {
      thread: "deno",
      library: "[compiled JavaScript]",
      symbol: "JS:*drain file:///ffi/events.ts:92:9",
      percent: 20,
    },
  ]);
});

test("kindOf tells codecs, conversions of pixels and the kernel from the rest", () => {
  const cases = [
    ["EncoderQueue", LIBRARY, "vp8_pack_tokens", "codec"],
    // libvpx's own functions have names that say nothing.
    ["DecodingQueue", LIBRARY, "GetCoeffs.constprop.0", "codec"],
    ["DecodingQueue", LIBRARY, "webrtc::VCMDecodedFrameCallback::Decoded", "other"],
    ["deno", LIBRARY, "opus_fft_impl", "codec"],
    ["deno", LIBRARY, "RGB24ToARGBRow_AVX2", "pixels"],
    ["deno", LIBRARY, "ARGBToUVMatrixRow_AVX2", "pixels"],
    [
      "deno",
      LIBRARY,
      "sora::i420_vectors::(anonymous namespace)::ConvertFrame<3, false>",
      "pixels",
    ],
    ["sora-network", "[kernel.kallsyms]", "_raw_spin_unlock_irqrestore", "kernel"],
    ["sora-network", LIBRARY, "srtp_protect_mki", "other"],
    ["sora-network", "libc.so.6", "epoll_wait", "kernel"],
    ["deno", "libc.so.6", "__sendmmsg", "kernel"],
    ["EncoderQueue", "libc.so.6", "__memmove_avx512_unaligned_erms", "other"],
  ] as const;
  for (const [thread, library, symbol, kind] of cases) {
    assert.equal(kindOf({ thread, library, symbol, percent: 1 }), kind, symbol);
  }
});

test("sumBy adds what has one name, addresses by their library", () => {
  const cost = (symbol: string, percent: number) => (
    { thread: "deno", library: "deno", symbol, percent }
  );
  const costs = [cost("0x0000000001d4e2f5", 1), cost("malloc", 2), cost("0x00000000035ddfcc", 4)];
  assert.deepEqual(sumBy(costs, nameOf), [["deno, without names", 5], ["malloc", 2]]);
});

test("readFrames counts the frames of gdb of threads that do not wait", () => {
  const sample = (third: string) => `
Thread 3 (Thread 0x7f01 (LWP 12) "sora-worker" (Exiting)):
#0  0x00007f02 in __futex_abstimed_wait_common64 (private=0) at ./nptl/futex-internal.c:57

Thread 2 (Thread 0x7f03 (LWP 13) "EncoderQueue"):
#0  0x00007f04 in ${third} () from /usr/lib/libsora_ffi.so

Thread 1 (Thread 0x7f05 (LWP 14) "deno"):
#0  0x0000000001d4e2f5 in ?? ()
`;
  assert.deepEqual(readFrames([sample("vp8_tokenize_mb"), sample("vp8_tokenize_mb")]), [
    { thread: "EncoderQueue", library: LIBRARY, symbol: "vp8_tokenize_mb", percent: 50 },
    { thread: "deno", library: "the program", symbol: "0x0000000001d4e2f5", percent: 50 },
  ]);
  assert.deepEqual(readFrames([""]), []);
});
