/**
 * The native library through FFI. This is the door of the only folder that opens a native library.
 *
 * @module
 */

export type { NativeFunctions } from "./binding.ts";
export {
  AudioFrameType,
  AudioInfo,
  EVENT_FLAG_BINARY,
  EventType,
  FrameDirection,
  Ignore,
  LogSeverity,
  Media,
  MESSAGE_OVERHEAD,
  PeerState,
  Result,
  TransformerInfo,
  VideoFormat,
  VideoInfo,
} from "./constants.ts";
export {
  type HostInspection,
  type InspectedPlace,
  inspectHost,
  inspectLibrary,
  inspectThreads,
  type LibraryInspection,
  type ThreadPriorities,
} from "./inspection.ts";
export { openRealm, type Realm } from "./realm.ts";
export { lastError, nativeError, unwrap } from "./result.ts";
export { openSystemLibrary, type SystemLibrary } from "./system/library.ts";
export type { SystemSymbol } from "./system/symbol.ts";
export { json, utf8 } from "./text.ts";
