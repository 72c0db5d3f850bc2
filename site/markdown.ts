/**
 * Pages of Markdown as HTML: their links lead to pages of the site or to files of the repository.
 *
 * @module
 */

import { posix } from "node:path";
import { Marked, type Tokens } from "marked";

/** A heading of a page, with the text below it, for the search. */
export interface Section {
  /** The heading; the page's title for what stands before the second one. */
  readonly heading: string;
  /** Its `id` in the page. */
  readonly id: string;
  readonly text: string;
}

/** A page as HTML. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

/** The `id` of a heading, as GitHub makes it. */
export function headingId(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
}

/** Text without the marks of Markdown. */
function plain(markdown: string): string {
  return markdown.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*|]/g, " ")
    .replaceAll(/\s+/g, " ").trim();
}

/**
 * Renders a page.
 *
 * @param text Its Markdown.
 * @param path Its file, from the root of the repository.
 * @param link Where a link to a file leads: the file from the root, or undefined to keep the link as it is.
 */
export function render(
  text: string,
  path: string,
  link: (file: string) => string | undefined,
): Rendered {
  const sections: { heading: string; id: string; text: string }[] = [];
  const href = (target: string): string => {
    if (/^(?:\w+:|#)/.test(target)) return target;
    const [file = "", anchor] = target.split("#");
    const to = link(posix.normalize(posix.join(posix.dirname(path), file)));
    return (to ?? file) + (anchor === undefined ? "" : `#${anchor}`);
  };
  const marked = new Marked({
    gfm: true,
    walkTokens(token) {
      if (token.type === "link" || token.type === "image") token.href = href(token.href);
    },
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const id = headingId(plain(text));
        return `<h${depth} id="${id}"><a href="#${id}">${
          this.parser.parseInline(tokens)
        }</a></h${depth}>\n`;
      },
      table(token: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: string) =>
          `<tr>${
            row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join("")
          }</tr>`;
        const rows = token.rows.map((row) => cells(row, "td")).join("\n");
        // A wide one scrolls by itself.
        return `<div class="table"><table><thead>${
          cells(token.header, "th")
        }</thead><tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  for (const token of marked.lexer(text)) {
    if (token.type === "heading") {
      const heading = plain(token.text);
      sections.push({ heading, id: headingId(heading), text: "" });
    } else if (token.type !== "space") {
      const section = sections.at(-1);
      if (section) section.text += `${plain(token.raw)} `;
    }
  }
  const html = marked.parse(text, { async: false });
  return { title: sections[0]?.heading ?? path, html, sections };
}
