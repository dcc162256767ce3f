/** Elements, made in one expression; text is never taken as markup. */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "rect", "text", "line", "path", "title"]);

/**
 * An element with attributes (null leaves one out, `on*` are listeners) and children, strings among them.
 * @param {Document} page
 * @param {string} tag
 * @param {Record<string, any>|null} attributes
 * @param {...(Node|string|null)} children
 */
export function make(page, tag, attributes, ...children) {
  const node = SVG_TAGS.has(tag) ? page.createElementNS(SVG, tag) : page.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Write `text` only if it is another one: a live region speaks at each writing. @param {Node} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set or take away an attribute, only if that changes it. @param {Element} node */
export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}
