/**
 * Calls of functions from the user: handlers, log sinks, options that are functions. None of them can stop anything else,
 * however it fails.
 *
 * @module
 */

/** An owner of handlers, with one for the errors of the others. */
export interface ErrorHandler {
  /** A handler threw or rejected. Without this handler the error is written to the console. */
  onError?: ((error: unknown) => unknown) | undefined;
}

/**
 * Calls a user's function, if there is one, with `owner` as `this`. `failed` receives what it throws, or what the promise or
 * other thenable that it returns rejects with: once per call.
 *
 * @param failed Must not throw.
 * @returns What it returned, a promise as well; `undefined` when it threw.
 */
export function callGuarded<O, A extends unknown[]>(
  owner: O,
  handler: ((...args: A) => unknown) | undefined,
  args: A,
  failed: (owner: O, error: unknown, args: A) => void,
): unknown {
  if (handler === undefined) return undefined;
  try {
    if (typeof handler !== "function") {
      const given = handler === null ? "null" : `a ${typeof handler}`;
      throw new TypeError(`A handler must be a function or undefined, not ${given}`);
    }
    const result = handler.apply(owner, args);
    // Not `instanceof Promise`: promises of other realms and libraries reject as well. `resolve` asks for `then` once, and
    // keeps to the first answer of one that gives several.
    if ((typeof result === "object" && result !== null) || typeof result === "function") {
      Promise.resolve(result).then(undefined, (error) => failed(owner, error, args));
    }
    return result;
  } catch (error) {
    failed(owner, error, args);
    return undefined;
  }
}

function print(_owner: unknown, error: unknown): void {
  console.error(error);
}

/** Reports an error once, to `onError` or else to the console. */
export function report(owner: ErrorHandler, error: unknown): void {
  if (owner.onError === undefined) console.error(error);
  else callGuarded(owner, owner.onError, [error], print);
}

/** Calls a handler if there is one; what it throws or rejects with goes to `onError`, once. */
export function callHandler<A extends unknown[]>(
  owner: ErrorHandler,
  handler: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  callGuarded(owner, handler, args, report);
}
