/**
 * PSNR: how closely a received frame matches the one that was sent.
 *
 * @module
 */

/** The value for identical frames, in dB, so that a mean over frames stays finite. */
export const MAX_PSNR_DB = 100;

/**
 * Peak signal-to-noise ratio of two I420 frames: 10 log10(255² / MSE), with the mean squared error over all samples of Y, U
 * and V (what ffmpeg's filter calls `psnr_avg`).
 *
 * @returns dB, at most {@link MAX_PSNR_DB}.
 */
export function psnr(sent: Uint8Array, received: Uint8Array): number {
  if (sent.length !== received.length || sent.length === 0) {
    throw new RangeError(
      `sent and received must be frames of the same size, not of ${sent.length} and ${received.length} bytes`,
    );
  }
  let sum = 0;
  for (let at = 0; at < sent.length; at++) {
    const difference = (sent[at] as number) - (received[at] as number);
    sum += difference * difference;
  }
  if (sum === 0) return MAX_PSNR_DB;
  return Math.min(MAX_PSNR_DB, 10 * Math.log10(255 * 255 * sent.length / sum));
}
