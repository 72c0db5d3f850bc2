/**
 * The order of the pages in the site's navigation.
 *
 * @module
 */

/** The languages of the pages. */
export type Language = "en" | "ja";

/** A part of the navigation. */
export interface Part {
  readonly title: Readonly<Record<Language, string>>;
  /** Pages of `docs/` by name, in order; those that are not there are left out. */
  readonly names: readonly string[];
}

/** All parts; pages that none of them names are in the last one. */
export const parts: readonly Part[] = [
  {
    title: { en: "Start", ja: "はじめに" },
    names: ["start", "cli", "testing", "from-python-sdk", "from-sora-js-sdk"],
  },
  {
    title: { en: "Media", ja: "映像と音声" },
    names: [
      "sending",
      "receiving",
      "audio",
      "devices",
      "codecs",
      "hardware",
      "drivers",
      "simulcast",
      "spotlight",
      "transforms",
    ],
  },
  {
    title: { en: "Channels", ja: "チャネル" },
    names: ["messaging", "reconnecting", "tls", "permissions"],
  },
  {
    title: { en: "Watching", ja: "監視" },
    names: ["cli-tools", "statistics", "opentelemetry", "troubleshooting"],
  },
  {
    title: { en: "Server", ja: "サーバー" },
    names: ["server", "server-http", "compatibility", "scale"],
  },
  {
    title: { en: "More", ja: "その他" },
    names: ["platforms", "figures", "speed", "costs", "limits", "reliability", "dependencies"],
  },
];
