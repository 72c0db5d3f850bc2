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
  readonly priority: number;
  readonly action: "block" | "allow";
  readonly rules: readonly (readonly Condition[])[];
}

const MAX_ITEMS = 256;
/** Conditions of all filters: each is evaluated for each track whenever a member joins or leaves. */
const MAX_CONDITIONS = 1024;
const DEFAULT_PRIORITY = 32_767;

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
  const filters = list(several ?? (single === undefined ? [] : [single])).map(parseFilter);
  const conditions = filters.flatMap(({ rules }) => rules)
    .reduce((count, rule) => count + 1 + rule.length, 0);
  if (conditions > MAX_CONDITIONS) {
    throw fail(`Forwarding filters may have ${MAX_CONDITIONS} rules and conditions in all`);
  }
  return filters.sort((a, b) => a.priority - b.priority);
}

/** Whether a track may be forwarded: the first filter that applies decides; without one it may. */
export function allows(filters: readonly ForwardingFilter[], subject: FilterSubject): boolean {
  for (const { rules, action } of filters) {
    const applies = rules.some((rule) =>
      rule.every(({ field, negated, values }) => values.has(subject[field]) !== negated)
    );
    if (applies) return action === "allow";
  }
  return true;
}

function fail(detail: string): Refusal {
  return new Refusal("INVALID-FORWARDING-FILTER", detail);
}

function list(value: JsonValue | undefined): JsonValue[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) {
    throw fail(`A list of a forwarding filter is missing or longer than ${MAX_ITEMS}`);
  }
  return value;
}

function parseFilter(value: JsonValue): ForwardingFilter {
  if (!isObject(value)) throw fail("A forwarding filter must be an object");
  const { action = "block", priority = DEFAULT_PRIORITY } = value;
  if (action !== "block" && action !== "allow") {
    throw fail("A forwarding filter's action must be block or allow");
  }
  if (typeof priority !== "number" || !Number.isInteger(priority)) {
    throw fail("A forwarding filter's priority must be an integer");
  }
  return {
    priority,
    action,
    rules: list(value.rules).map((rule) => list(rule).map(parseCondition)),
  };
}

function parseCondition(value: JsonValue): Condition {
  if (!isObject(value)) throw fail("A forwarding filter's condition must be an object");
  const { field, operator } = value;
  if (field !== "connection_id" && field !== "client_id" && field !== "kind") {
    throw fail("A condition's field must be connection_id, client_id or kind");
  }
  if (operator !== "is_in" && operator !== "is_not_in") {
    throw fail("A condition's operator must be is_in or is_not_in");
  }
  const values = list(value.values);
  if (!values.every((item) => typeof item === "string")) {
    throw fail("A condition's values must be strings");
  }
  return { field, negated: operator === "is_not_in", values: new Set(values) };
}
