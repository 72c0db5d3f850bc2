/** Forwarding filters: whose audio and video a connection receives. */
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { Refusal } from "./refusal.ts";

/** What a filter looks at. */
export interface FilterSubject {
  readonly connection_id: string;
  readonly client_id: string;
  readonly kind: "audio" | "video";
}

interface Condition {
  readonly field: keyof FilterSubject;
  readonly negated: boolean;
  readonly values: ReadonlySet<string>;
}

/** One filter: it applies when all conditions of any of its rules hold. */
export interface ForwardingFilter {
  /** Its name among the filters of its connection or channel. */
  readonly name: string;
  /** Lower ones are asked first. */
  readonly priority: number;
  readonly action: "block" | "allow";
  readonly rules: readonly (readonly Condition[])[];
  /** The filter as it was given. */
  readonly source: JsonObject;
}

/** What is wrong with a filter: begins with the path of a property. */
export class FilterError extends Error {
  constructor(path: string, requirement: string) {
    super(`${path} ${requirement}`);
    this.name = "FilterError";
  }
}

/** The name and priority of a filter without either. */
export const DEFAULT_FILTER = { name: "default", priority: 32_767 } as const;

const MAX_ITEMS = 256;
/** Rules and conditions of all filters: each is evaluated for each track whenever a member joins or leaves. */
const MAX_CONDITIONS = 1024;
const MAX_NAME_LENGTH = 255;

/**
 * Reads `forwarding_filter` (the older, single form) and `forwarding_filters`.
 *
 * @throws Refusal when both are given or one is malformed.
 */
export function parseForwardingFilters(message: JsonObject): ForwardingFilter[] {
  const { forwarding_filter: single, forwarding_filters: several } = message;
  if (single !== undefined && several !== undefined) {
    throw new Refusal(
      "FORWARDING-FILTER-WITH-FORWARDING-FILTERS",
      "Only one of connect.forwarding_filter and forwarding_filters may be given",
    );
  }
  try {
    if (single !== undefined) return [parseFilter(single, "connect.forwarding_filter")];
    return parseFilters(several ?? [], "connect.forwarding_filters");
  } catch (error) {
    if (error instanceof FilterError) {
      throw new Refusal("INVALID-FORWARDING-FILTER", error.message);
    }
    throw error;
  }
}

/**
 * Reads a list of filters.
 *
 * @throws FilterError
 */
export function parseFilters(value: unknown, path: string): ForwardingFilter[] {
  const filters = list(value, path).map((item, index) => parseFilter(item, `${path}[${index}]`));
  checkTogether(filters, path);
  return filters;
}

/**
 * Checks filters that belong together.
 *
 * @throws FilterError when two have one name, or all together are too many.
 */
export function checkTogether(filters: readonly ForwardingFilter[], path: string): void {
  if (new Set(filters.map(({ name }) => name)).size !== filters.length) {
    throw new FilterError(path, "must have different names");
  }
  const conditions = filters.flatMap(({ rules }) => rules)
    .reduce((count, rule) => count + 1 + rule.length, 0);
  if (filters.length > MAX_ITEMS || conditions > MAX_CONDITIONS) {
    throw new FilterError(path, `must have at most ${MAX_CONDITIONS} rules and conditions in all`);
  }
}

/**
 * Reads one filter.
 *
 * @throws FilterError
 */
export function parseFilter(value: unknown, path: string): ForwardingFilter {
  if (!isObject(value as JsonValue)) throw new FilterError(path, "must be an object");
  const source = value as JsonObject;
  const { action = "block", version } = source;
  if (action !== "block" && action !== "allow") {
    throw new FilterError(`${path}.action`, "must be block or allow");
  }
  if ((source.name === undefined) !== (source.priority === undefined)) {
    throw new FilterError(path, "must have both or none of name and priority");
  }
  const { name = DEFAULT_FILTER.name, priority = DEFAULT_FILTER.priority } = source;
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME_LENGTH) {
    throw new FilterError(`${path}.name`, `must be a string of 1 to ${MAX_NAME_LENGTH} characters`);
  }
  if (typeof priority !== "number" || !Number.isInteger(priority)) {
    throw new FilterError(`${path}.priority`, "must be an integer");
  }
  if (version !== undefined && typeof version !== "string") {
    throw new FilterError(`${path}.version`, "must be a string");
  }
  const rules = list(source.rules, `${path}.rules`).map((rule, index) => {
    const at = `${path}.rules[${index}]`;
    return list(rule, at).map((condition, index) => parseCondition(condition, `${at}[${index}]`));
  });
  return { name, priority, action, rules, source };
}

/** Whether a track may be forwarded: the first filter that applies decides; undefined when none does. */
export function decide(
  filters: readonly ForwardingFilter[],
  subject: FilterSubject,
): boolean | undefined {
  for (const { rules, action } of filters) {
    const applies = rules.some((rule) =>
      rule.every(({ field, negated, values }) => values.has(subject[field]) !== negated)
    );
    if (applies) return action === "allow";
  }
  return undefined;
}

function list(value: unknown, path: string): JsonValue[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) {
    throw new FilterError(path, `must be an array of at most ${MAX_ITEMS} items`);
  }
  return value;
}

function parseCondition(value: JsonValue, path: string): Condition {
  if (!isObject(value)) throw new FilterError(path, "must be an object");
  const { field, operator } = value;
  if (field !== "connection_id" && field !== "client_id" && field !== "kind") {
    throw new FilterError(`${path}.field`, "must be connection_id, client_id or kind");
  }
  if (operator !== "is_in" && operator !== "is_not_in") {
    throw new FilterError(`${path}.operator`, "must be is_in or is_not_in");
  }
  const values = list(value.values, `${path}.values`);
  if (!values.every((item) => typeof item === "string")) {
    throw new FilterError(`${path}.values`, "must be strings");
  }
  return { field, negated: operator === "is_not_in", values: new Set(values) };
}
