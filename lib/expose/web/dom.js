// Builds and updates the document. Text only ever enters as text nodes and attributes, so nothing that
// an event named can become markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

// h('td.number', {title: '...'}, child, [more], ...): an HTML element.
export function h(selector, attributes, ...children) {
  const [tag, ...classes] = selector.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  return fill(node, attributes, children);
}

export function svg(selector, attributes, ...children) {
  const [tag, ...classes] = selector.split('.');
  const node = document.createElementNS(SVG, tag);
  if (classes.length) node.setAttribute('class', classes.join(' '));
  return fill(node, attributes, children);
}

// A link to somewhere else, if the address is one that a browser may safely follow; else its text.
export function outsideLink(address, text) {
  const safe = /^https?:\/\//i.test(address ?? '');
  return safe ? h('a', {href: address, rel: 'noreferrer noopener'}, text) : h('span', {}, address);
}

const keyOf = node => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null);

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

// Whether a reader has opened a part is theirs to say, not the update's.
const READERS_OWN = new Set(['open']);

function morphAttributes(old, fresh) {
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !READERS_OWN.has(name)) old.removeAttribute(name);
  }
  for (const {name, value} of fresh.attributes) {
    if (READERS_OWN.has(name)) continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.childNodes) {
    if (keyOf(child)) keyed.set(keyOf(child), child);
  }
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const same = keyOf(wanted) ? keyed.get(keyOf(wanted)) : at;
    if (same && same.parentNode === old && alike(same, wanted)) {
      if (same !== at) old.insertBefore(same, at);
      else at = at.nextSibling;
      morph(same, wanted);
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Makes `old` look like `fresh`, touching only what differs: focus, selection, scroll position and
// opened details survive a refresh. Parts with another data-key are exchanged as a whole.
export function morph(old, fresh) {
  if (!alike(old, fresh)) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else {
    morphAttributes(old, fresh);
    morphChildren(old, fresh);
  }
}
