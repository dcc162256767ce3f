/** Elements of the page and of drawings, in one line each. */

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element of HTML; `on...` are listeners, false and null leave an attribute out. */
export function node(doc, name, attributes = {}, ...children) {
  return filled(doc.createElement(name), attributes, children);
}

/** An element of a drawing. */
export function drawn(doc, name, attributes = {}, ...children) {
  return filled(doc.createElementNS(SVG, name), attributes, children);
}

/** The `d` of a line through points. @param {[number, number][]} points */
export function linePath(points) {
  return points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
}
