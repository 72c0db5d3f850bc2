/**
 * Figures as people read them.
 *
 * @module
 */

/** A bit rate in three digits: `0`, `64 k`, `1.2 M`. */
export function rateText(kbps: number): string {
  if (kbps < 999.5) return kbps < 0.5 ? "0" : `${Math.round(kbps)} k`;
  return `${(kbps / 1000).toFixed(kbps < 9_950 ? 1 : 0)} M`;
}

/** A duration: `0:07`, `1:02:03`. */
export function durationText(seconds: number): string {
  const whole = Math.floor(seconds);
  const [s, m, h] = [whole % 60, Math.floor(whole / 60) % 60, Math.floor(whole / 3600)];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
