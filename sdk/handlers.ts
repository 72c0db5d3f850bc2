/**
 * Calls a user's handlers so that none of them can stop anything else.
 *
 * @module
 */

/** Has a handler for what its other handlers throw. */
export interface ErrorHandler {
  /** A handler threw or rejected. Without this handler the error is written to the console. */
  onError?: ((error: unknown) => unknown) | undefined;
}

/** Reports an error once, to `onError` or else to the console. */
export function report(owner: ErrorHandler, error: unknown): void {
  if (owner.onError === undefined) {
    console.error(error);
    return;
  }
  try {
    const result = owner.onError(error);
    if (result instanceof Promise) result.catch((second) => console.error(second));
  } catch (second) {
    console.error(second);
  }
}

/** Calls a handler if it is there; what it throws or rejects with goes to `onError`, once. */
export function callHandler<A extends unknown[]>(
  owner: ErrorHandler,
  handler: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  if (handler === undefined) return;
  try {
    const result = handler.apply(owner, args);
    if (result instanceof Promise) result.catch((error) => report(owner, error));
  } catch (error) {
    report(owner, error);
  }
}
