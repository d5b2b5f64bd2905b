// Sources: is the stream read, how far, and what was not taken and why.

import * as api from './api.js';
import {h} from './dom.js';
import {MISSING, count, countNode, timeNode} from './format.js';
import {chip} from './parts.js';
import {sourceVerdict} from './verdict.js';

export const load = async () => ({});

// A number, or numbers by class.
const sum = counts =>
  typeof counts === 'number'
    ? counts
    : Object.values(counts ?? {}).reduce((total, n) => total + n, 0);
const table = (caption, head, rows) =>
  h(
    'div.scroll.panel.flush',
    {tabindex: 0, role: 'region', 'aria-label': caption},
    h(
      'table',
      {},
      h('caption.unseen', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map(text => h('th', {scope: 'col', class: NUMERIC.has(text) && 'value'}, text)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
const NUMERIC = new Set([
  'Next offset',
  'Lag',
  'Accepted',
  'Late',
  'Duplicates',
  'Rejected',
  'Records',
  'Events',
]);

function logRow(source, log, now) {
  const holds = source.held_back_by && source.held_back_by === `${log.topic}/${log.partition}`;
  return h(
    'tr',
    {'data-key': `${log.topic}/${log.partition}`},
    h(
      'th',
      {scope: 'row'},
      `${log.topic}/${log.partition}`,
      holds && h('span.sub.bad', {}, 'holds the watermark back'),
    ),
    h('td', {}, (log.state ?? '').replaceAll('_', ' ')),
    h('td', {}, timeNode(log.progress, now)),
    h('td.value', {}, count(log.lag)),
    h('td.value', {}, countNode(log.next_offset, 'next_offset')),
    h('td.value', {}, countNode(sum(log.counters?.accepted), 'accepted')),
    h('td.value', {}, count(sum(log.counters?.late))),
    h('td.value', {}, count(log.counters?.duplicates ?? 0)),
    h('td.value', {}, countNode(sum(log.counters?.rejected), 'rejected')),
  );
}

function rejectRows(source, now) {
  return source.logs.flatMap(log =>
    Object.entries(log.counters?.rejected ?? {})
      .filter(([, n]) => n > 0)
      .map(([reason, n]) => {
        const last = (log.last_rejects ?? []).find(r => r.reason === reason);
        return h(
          'tr',
          {},
          h('th', {scope: 'row'}, reason),
          h('td.value', {}, count(n)),
          h(
            'td',
            {},
            last ? `${log.topic}/${log.partition}/${last.offset}` : `${log.topic}/${log.partition}`,
          ),
          h('td', {}, last ? timeNode(last.at, now) : MISSING),
        );
      }),
  );
}

function labelRows(source) {
  return (source.labels ?? []).flatMap(unit =>
    Object.entries(unit.outcomes ?? {})
      .filter(([, n]) => n > 0)
      .map(([outcome, n]) =>
        h(
          'tr',
          {},
          h('th', {scope: 'row'}, [unit.guardrail, unit.category].filter(Boolean).join(' · ')),
          h('td', {}, outcome.replaceAll('_', ' ')),
          h('td.value', {}, count(n)),
        ),
      ),
  );
}

function sourceSection(source, model) {
  const verdict = sourceVerdict(source, model.findings, model.now);
  const rejects = rejectRows(source, model.now);
  const labels = labelRows(source);
  const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return h(
    'section',
    {'data-key': source.name},
    h(
      'h2',
      {},
      source.name,
      ' ',
      chip({level: verdict.level, text: verdict.level === 'fine' ? 'up to date' : 'attention'}),
    ),
    verdict.text && h('p.note', {}, verdict.text),
    h(
      'dl.facts',
      {},
      fact('Sealed through', timeNode(source.sealed_through, model.now)),
      fact('Labels matured through', timeNode(source.matured_through, model.now)),
      fact('Held back by', source.held_back_by || 'nothing'),
      fact('Waiting to be joined', count(source.pending ?? 0)),
      source.folded_events > 0 && fact('Folded into __other__', count(source.folded_events)),
    ),
    table(
      `Logs of ${source.name}`,
      [
        'Log',
        'State',
        'Progress',
        'Lag',
        'Next offset',
        'Accepted',
        'Late',
        'Duplicates',
        'Rejected',
      ],
      source.logs.map(log => logRow(source, log, model.now)),
    ),
    rejects.length > 0 && [
      h('h3', {}, 'Rejected'),
      table(
        `Rejected records of ${source.name}`,
        ['Reason', 'Records', 'Last at (topic/partition/offset)', 'When'],
        rejects,
      ),
    ],
    labels.length > 0 && [
      h('h3', {}, 'What became of labels'),
      table(`Label outcomes of ${source.name}`, ['Guardrail', 'Outcome', 'Events'], labels),
    ],
  );
}

export function render(model) {
  return [
    h('h1', {tabindex: -1}, 'Sources'),
    model.status.sources.length
      ? model.status.sources.map(s => sourceSection({...s, logs: s.logs ?? []}, model))
      : h('p.muted', {}, 'No source is configured.'),
  ];
}

export const configPage = {
  load: () => api.config(),
  render: (model, data) => [
    h('h1', {tabindex: -1}, 'Configuration'),
    h('p.muted', {}, 'As the daemon runs it, secrets left out.'),
    model.status.config?.last_reload_ok === false &&
      h(
        'p.note',
        {},
        'The last reload failed; the configuration before it stays in force. The log says why.',
      ),
    h(
      'pre.panel',
      {tabindex: 0, role: 'region', 'aria-label': 'Configuration'},
      JSON.stringify(data, null, 2),
    ),
  ],
};
