/** The order in which `make test` runs the end-to-end tests. */

/**
 * The end-to-end tests that run alone, as they measure frame rates, latency or when audio is sent, or use up the user's threads. All
 * others wait for most of their time and put up with a busy machine: they run side by side.
 */
export const alone = new Set([
  "demo",
  "video_scaled",
  "transform",
  "audio_time",
  "pacer",
  "sync",
  "thread_limit",
]);

/**
 * The longest of the others, which begin first so that none is left alone in the end; those that keep a core busy, as encoders do,
 * stand between those that wait.
 */
export const longest = [
  "audio_pieces",
  "hostile_dtls",
  "hostile_sctp",
  "hostile_udp",
  "hostile_srtp",
  "turn",
  "exit",
  "audio_channels",
  "examples_media",
  "audio_devices",
  "load",
  "watch",
  "browser_chromium",
  "examples",
  "simulcast",
  "messaging",
  "browser_firefox",
  "examples_files",
  "cli_media",
  "examples_devices",
  "devices_page",
  "thinned_layers",
  "vad",
  "python_sdk",
  "video_source",
  "codecs_av1",
  "audio_truth",
  "codecs",
  "thin_path",
  "codecs_h264",
  "video_truth",
  "temporal_layers",
  "packet_loss",
  "audio_properties",
  "audio_sinks",
  "lifecycle",
  "media",
  "malformed",
];
