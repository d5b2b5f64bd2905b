// Findings: what a person should know before trusting a green light.

import {h} from './dom.js';
import {timeNode, unitName} from './format.js';

const ORDER = ['critical', 'warning', 'info'];
const LEVEL = {critical: 'firing', warning: 'warning', info: 'info'};

export function findingList(findings, model) {
  const sorted = [...findings].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity),
  );
  return h(
    'ul.findings.panel',
    {},
    sorted.map(f =>
      h(
        'li',
        {},
        h(`span.chip.${LEVEL[f.severity] ?? 'info'}`, {}, f.severity ?? ''),
        h(
          'div',
          {},
          h('p', {}, f.summary || (f.kind ?? '').replaceAll('_', ' ')),
          h(
            'p.sub',
            {},
            [f.source, f.guardrail && unitName(f), f.subject].filter(Boolean).join(' · '),
            (f.since ?? f.since_wall) && [
              ' · since ',
              timeNode(f.since ?? f.since_wall, model.now),
            ],
          ),
        ),
      ),
    ),
  );
}

export function epochText(epoch) {
  const field = (epoch.field ?? '').replaceAll('_', ' ');
  const change = epoch.from ? `${epoch.from} → ${epoch.to}` : `${epoch.to}`;
  return `${field} ${change}${epoch.first_seen === false ? ' (now the majority)' : ''}`;
}

export function epochList(epochs, model, named = true) {
  return h(
    'ul.findings.panel',
    {},
    [...epochs]
      .reverse()
      .map(e =>
        h(
          'li',
          {},
          h('span.chip.info', {}, 'change'),
          h(
            'div',
            {},
            h('p', {}, [named && `${unitName(e)}: `, epochText(e)]),
            h('p.sub', {}, timeNode(e.at, model.now)),
          ),
        ),
      ),
  );
}

export const load = async () => ({});

export function render(model) {
  return [
    h('h1', {tabindex: -1}, 'Findings'),
    h(
      'p.muted',
      {},
      'Things to know before trusting the numbers. Each is listed for as long as it is true.',
    ),
    model.findings.length ? findingList(model.findings, model) : h('p.panel', {}, 'Nothing found.'),
    h('h2', {}, 'Changes of model, policy or threshold'),
    model.epochs.length ? epochList(model.epochs, model) : h('p.muted', {}, 'None seen.'),
  ];
}
