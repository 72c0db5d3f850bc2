/** Forwarding filters as users of the server write them. */
import { FilterError, type ForwardingFilter, parseFilters } from "./signaling/forwarding_filter.ts";

/** A condition of a forwarding filter. */
export interface SoraServerFilterCondition {
  /** What of the sender it looks at. */
  readonly field: "connection_id" | "client_id" | "kind";
  /** Whether that must be among the values. */
  readonly operator: "is_in" | "is_not_in";
  /** Ids, or `audio` and `video` of `kind`. */
  readonly values: readonly string[];
}

/** A forwarding filter, as `connect` and the HTTP API have it. */
export interface SoraServerFilter {
  /** Default `default`. Given together with `priority`. */
  readonly name?: string | undefined;
  /** Lower ones are asked first. Default 32,767. */
  readonly priority?: number | undefined;
  /** What happens to the tracks that it applies to. Default `block`. */
  readonly action?: "block" | "allow" | undefined;
  /** It applies when all conditions of any of these lists hold. */
  readonly rules: readonly (readonly SoraServerFilterCondition[])[];
  /** A name for this state of the filter, which the HTTP API lists. */
  readonly version?: string | undefined;
  /** JSON, which the HTTP API lists. */
  readonly metadata?: unknown;
}

/** @throws TypeError with the path of what is wrong. */
export function checkFilters(filters: readonly SoraServerFilter[]): ForwardingFilter[] {
  try {
    return parseFilters(filters, "filters");
  } catch (error) {
    throw error instanceof FilterError ? new TypeError(error.message) : error;
  }
}
