/** Elements of the page, by their ids. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} id
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, id) {
  const found = document.getElementById(id);
  if (found?.localName !== tag) throw new Error(`The page must have <${tag} id="${id}">`);
  return /** @type {HTMLElementTagNameMap[T]} */ (found);
}

/**
 * Makes an element.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} text its text, never taken for HTML
 * @returns {HTMLElementTagNameMap[T]}
 */
export function create(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/**
 * Shows a sentence in an element.
 *
 * @param {HTMLElement} where
 * @param {string} text
 * @param {boolean} isWrong whether it says what is wrong
 */
export function say(where, text, isWrong = false) {
  if (where.textContent !== text) where.textContent = text;
  where.classList.toggle("wrong", isWrong);
}
