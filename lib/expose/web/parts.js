// Small pieces that several pages share.

import {h} from './dom.js';

export const unitAddress = unit =>
  '#/guardrail/' +
  [unit.source, unit.guardrail, unit.category ?? ''].map(encodeURIComponent).join('/');

// The same page with some of its choices changed, as a link.
export function address(route, changes) {
  const query = new URLSearchParams({...route.query, ...changes}).toString();
  return `#${route.path}${query ? `?${query}` : ''}`;
}

// A state in a word and a colour; `why` is a sentence.
export const chip = ({level, text, why}) => h(`span.chip.${level}`, {title: why}, text);
