/**
 * What users of the official SDKs are to know about a name, in English and in Japanese.
 *
 * @module
 */

import type { Here } from "./names.ts";

/** A sentence or less, in both languages. */
export interface Note {
  readonly en: string;
  readonly ja: string;
}

const milliseconds: Note = { en: "in milliseconds", ja: "単位はミリ秒" };

/** Notes on names that there are here. */
export const NOTES: { readonly [K in Here]?: Note } = {
  "Sora.createConnection": { en: "with the option `role`", ja: "`role` オプションで指定する" },
  "options.dataChannels": {
    en: "the names in it are in camelCase: `maxRetransmits`",
    ja: "中の名前も `maxRetransmits` のようにキャメルケース",
  },
  "options.dataChannelSignalingTimeoutMs": milliseconds,
  "options.disconnectWaitTimeoutMs": milliseconds,
  "options.webSocketCloseTimeoutMs": milliseconds,
  "options.webSocketConnectionTimeoutMs": {
    en: "in milliseconds, for all of connecting",
    ja: "単位はミリ秒。接続全体にかかる時間",
  },
  "SoraConnection.connect": {
    en: "resolves when connected, rejects with a `SoraError`",
    ja: "接続すると解決し、失敗すると `SoraError` で拒否される",
  },
  "SoraConnection.disconnect": {
    en: "await it, or declare with `await using`",
    ja: "`await` するか `await using` で宣言する",
  },
  "SoraConnection.getStats": {
    en: "a promise of typed objects",
    ja: "型の付いたオブジェクトの Promise",
  },
  "SoraConnection.sendDataChannel": {
    en: "`false` unless the channel is open",
    ja: "データチャネルが開いていなければ `false`",
  },
  "SoraConnection.replaceTrack": {
    en: 'of `"audio"` or `"video"`; `null` sends nothing',
    ja: '`"audio"` か `"video"` を指定する。`null` なら何も送らない',
  },
  "SoraConnection.tracks": {
    en: "the `streamId` of a track is the sender's connection",
    ja: "トラックの `streamId` が送信側のコネクション ID",
  },
  "SoraAudioSource.onData": {
    en: "`Int16Array`, interleaved, of any length; the time is an option: `timestampUs`",
    ja: "任意の長さのインターリーブした `Int16Array`。時刻は `timestampUs` オプション",
  },
  "SoraVideoSource.onCaptured": {
    en: "bytes with `{ width, height }`; BGR unless `format` says otherwise",
    ja: "`{ width, height }` を付けたバイト列。`format` がなければ BGR",
  },
  SoraAudioSink: {
    en: "the options are `sampleRate` and `channels`",
    ja: "オプションは `sampleRate` と `channels`",
  },
  "SoraAudioSink.read": {
    en: "a promise of `{ ok, data }`; `timeoutMs`",
    ja: "`{ ok, data }` の Promise。時間は `timeoutMs`",
  },
  SoraVideoFrame: { en: "close each one", ja: "1 枚ずつ閉じる" },
  "SoraVideoFrame.data": {
    en: "a `Uint8Array`; the size is in `width` and `height`",
    ja: "`Uint8Array`。大きさは `width` と `height`",
  },
  getVideoCodecCapability: {
    en: "takes an object: `{ openh264 }`",
    ja: "`{ openh264 }` のようにオブジェクトで渡す",
  },
  "SoraVideoCodecPreference.find": {
    en: "the entry, not its index",
    ja: "番号ではなく要素そのもの",
  },
  "SoraVideoCodecPreference.getOrAdd": {
    en: "the entry, not its index",
    ja: "番号ではなく要素そのもの",
  },
};

/** What `sora-js-sdk` has and this has no counterpart for, with the reason. */
export const ONLY_JS: Readonly<Record<string, Note>> = {
  forceStereoOutput: {
    en: "for browsers; sinks take `channels: 2`",
    ja: "ブラウザー向け。シンクに `channels: 2` を指定する",
  },
  skipIceCandidateEvent: {
    en: "candidates are sent while they are gathered",
    ja: "候補は収集しながら送る",
  },
  'on("connected")': { en: "`connect()` resolves", ja: "`connect()` が解決する" },
  debug: {
    en: "`enableLibwebrtcLog()`, `onSignalingMessage`",
    ja: "`enableLibwebrtcLog()` と `onSignalingMessage`",
  },
  helpers: { en: "for browsers", ja: "ブラウザー向け" },
};
