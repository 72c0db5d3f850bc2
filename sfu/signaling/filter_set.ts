/** The forwarding filters of a connection or a channel, which may change while media flows. */
import type { JsonObject } from "../../base/json.ts";
import {
  checkTogether,
  decide,
  type FilterSubject,
  type ForwardingFilter,
} from "./forwarding_filter.ts";

export class FilterSet {
  /** In the order in which they are asked. */
  #filters: readonly ForwardingFilter[] = [];

  /** Whether they let a track through; undefined when none of them applies. */
  decide(subject: FilterSubject): boolean | undefined {
    return decide(this.#filters, subject);
  }

  /** The filters as they were given, in the order in which they are asked. */
  get sources(): readonly JsonObject[] {
    return this.#filters.map(({ source }) => source);
  }

  /** The filter of that name as it was given. */
  find(name: string): JsonObject | undefined {
    return this.#filters.find((filter) => filter.name === name)?.source;
  }

  /**
   * Puts these filters in the place of all.
   *
   * @throws FilterError when two have one name, or all together are too many.
   */
  replaceAll(filters: readonly ForwardingFilter[]): void {
    checkTogether(filters, "filters");
    this.#filters = [...filters].sort((a, b) => a.priority - b.priority);
  }

  /**
   * Adds a filter, or replaces the one of its name.
   *
   * @throws FilterError when all together are too many.
   */
  put(filter: ForwardingFilter): void {
    this.replaceAll([...this.#filters.filter(({ name }) => name !== filter.name), filter]);
  }

  /** Removes the filter of that name. Returns whether there was one. */
  delete(name: string): boolean {
    const kept = this.#filters.filter((filter) => filter.name !== name);
    const found = kept.length < this.#filters.length;
    this.#filters = kept;
    return found;
  }
}
