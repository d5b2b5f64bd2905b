// What reviewers saw, and what that says of all traffic: raw rates beside corrected and expected ones.

import {h} from './dom.js';
import {MISSING, clock, count, reasonText, statisticLabel, statisticText, timeOf} from './format.js';

const RATES = ['precision', 'recall', 'f1'];
const COLUMNS = [
  {
    text: 'Labelled',
    help: 'Of the labelled requests, as they are',
    of: (window, name) => window.statistics?.[name],
  },
  {
    text: 'By score',
    help: 'Of all traffic, if review depends on the score alone (post-stratification)',
    of: (window, name) => window.statistics?.[`stratified_${name}`],
  },
  {
    text: 'By review probability',
    help: 'Of all traffic, each label weighted by 1 / P(sent to review)',
    of: (window, name) => window.statistics?.[`weighted_${name}`],
  },
  {
    text: 'Expected',
    help: 'From scores alone, if P(label | score) is that of the reference; blind to concept drift',
    of: (window, name) => window.reference?.statistics?.[`expected_${name}`],
  },
];

function cell(name, statistic, column) {
  const text = statisticText(name, statistic);
  if (statistic?.value == null) {
    return h('td.value', {}, h('span.missing', {title: reasonText(statistic?.reason)}, MISSING));
  }
  return h(
    'td.value',
    {},
    h('data', {value: statistic.value, 'data-corrected': column.text}, text.value),
    h('span.sub', {}, text.interval),
  );
}

function referenceNote(reference, now) {
  if (!reference) return 'There is nothing to expect rates from: no window has matured.';
  const [from, to] = [reference.start, reference.end].map(time => clock(timeOf(time), now));
  return `Expected is what ${count(reference.labeled)} labels from ${from} to ${to} UTC say of these scores.`;
}

// Of a window with labels.
export function correctedRates(window, now) {
  if (!window) return null;
  return [
    h('h3', {id: 'corrected'}, 'For all traffic'),
    h(
      'table.corrected',
      {'aria-labelledby': 'corrected'},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('td', {}),
          COLUMNS.map(c => h('th', {scope: 'col', title: c.help}, c.text)),
        ),
      ),
      h(
        'tbody',
        {},
        RATES.map(name =>
          h(
            'tr',
            {'data-key': name},
            h('th', {scope: 'row'}, statisticLabel(name)),
            COLUMNS.map(c => cell(name, c.of(window, name), c)),
          ),
        ),
      ),
    ),
    h('p.caption', {}, referenceNote(window.reference, now)),
  ];
}
