/** One test of a JUnit report. */
export interface JUnitCase {
  /** The test's file as the report has it, without a leading `./`; a runtime's own module where it names no better. */
  readonly file: string;
  /** Names from the outermost suite inwards, joined by ` > `. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What a failed test says: the first line of it, cut to 200 characters. */
  readonly message: string;
}

const tag =
  /<(testsuite|testcase|failure|error|skipped)\b((?:[^>"]|"[^"]*")*?)(\/?)>|<\/(testsuite|testcase)>/g;
const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, entity?: string) => {
    if (code !== undefined) return String.fromCodePoint(Number(code));
    return entities[entity ?? ""] ?? whole;
  });
}

interface OpenCase {
  file: string;
  name: string;
  outcome: JUnitCase["outcome"];
  message: string;
  /** The failure only reports that a test inside failed, which is listed separately. */
  onlyInside: boolean;
}

/**
 * The tests of a JUnit report as `deno test --junit-path` and `bun test --reporter=junit` write it, and all files that it names.
 * Deno also lists a suite, or a test with tests inside, as a test: it is left out unless it failed itself.
 */
export function parseJUnit(xml: string): { cases: JUnitCase[]; files: Set<string> } {
  const all: OpenCase[] = [];
  const suites: string[] = [];
  let open: OpenCase | undefined;
  for (const [, opening, attributes = "", selfClosing, closing] of xml.matchAll(tag)) {
    if (opening === "testsuite" && !selfClosing) {
      suites.push(attribute(attributes, "name"));
    } else if (opening === "testcase") {
      const file = attribute(attributes, "file") || attribute(attributes, "classname");
      // The outermost suite is the file; Bun nests one more for each `describe`.
      const name = [...suites.slice(1), attribute(attributes, "name")].join(" > ");
      open = {
        file: file.replace(/^\.\//, ""),
        name,
        outcome: "passed",
        message: "",
        onlyInside: false,
      };
      all.push(open);
      if (selfClosing) open = undefined;
    } else if (opening === "skipped" && open) {
      open.outcome = "skipped";
    } else if ((opening === "failure" || opening === "error") && open) {
      open.outcome = "failed";
      const message = attribute(attributes, "message");
      open.message = message.trim().split("\n", 1)[0]!.slice(0, 200);
      open.onlyInside = /^\d+ test steps? failed$/.test(message);
    } else if (closing === "testcase") {
      open = undefined;
    } else if (closing === "testsuite") {
      suites.pop();
    }
  }
  const parents = new Set<string>();
  for (const { name } of all) {
    for (let at = name.indexOf(" > "); at >= 0; at = name.indexOf(" > ", at + 1)) {
      parents.add(name.slice(0, at));
    }
  }
  const cases = all
    .filter((one) => !parents.has(one.name) || (one.outcome === "failed" && !one.onlyInside))
    .map(({ onlyInside: _, ...one }) => one);
  return { cases, files: new Set(all.map((one) => one.file)) };
}
