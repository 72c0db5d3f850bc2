// The search of the site: every word must be in a section of a page or in a symbol of the API.

/** @typedef {{ language: string, title: string, heading: string, text: string, url: string }} Entry */

const MOST = 12;

const header = /** @type {HTMLElement} */ (document.querySelector(".site-header"));
const input = /** @type {HTMLInputElement} */ (header.querySelector("input"));
const list = /** @type {HTMLOListElement} */ (header.querySelector("ol"));
const { root = "", language = "en" } = header.dataset;
/** @type {readonly Entry[]} */
const index = Reflect.get(globalThis, "SEARCH_INDEX") ?? [];

/**
 * How well an entry fits: 0 not at all.
 * @param {Entry} entry
 * @param {readonly string[]} words
 */
function score(entry, words) {
  const heading = entry.heading.toLowerCase();
  const text = `${heading} ${entry.text.toLowerCase()}`;
  let sum = 0;
  for (const word of words) {
    if (!text.includes(word)) return 0;
    sum += heading === word ? 8 : heading.startsWith(word) ? 6 : heading.includes(word) ? 4 : 1;
  }
  // A member of a class comes after the class.
  return sum - Math.min(0.9, heading.length / 100);
}

function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : index
    .filter((entry) => entry.language === language || entry.language === "api")
    .map((entry) => ({ entry, points: score(entry, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, MOST);
  list.replaceChildren(...found.map(({ entry }) => {
    const link = document.createElement("a");
    link.href = root + entry.url;
    const where = document.createElement("small");
    where.textContent = entry.title;
    link.append(entry.heading, " ", where);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  list.hidden = found.length === 0;
}

input.addEventListener("input", show);
input.addEventListener("keydown", (event) => {
  if (event.key === "Escape") input.value = "";
  if (event.key === "Enter") list.querySelector("a")?.click();
  if (event.key === "Escape") show();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement &&
    /^(?:INPUT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key !== "/" || typing) return;
  event.preventDefault();
  input.focus();
});
