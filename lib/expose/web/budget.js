// How the budget of false alarms is spent: one number, and who has which share of it.

import * as api from './api.js';
import {h, svg} from './dom.js';
import {count, plural, unitName} from './format.js';
import {unitAddress} from './parts.js';

export const load = async () => ({baselines: await api.baselines()});

const DAYS = 30;
const STATES = ['armed', 'not_monitorable', 'learning'];
const STATE_WORDS = {
  armed: 'armed',
  not_monitorable: 'not monitorable',
  learning: 'learning',
};

const short = value => String(Number(value.toPrecision(2)));

// A rate in 30 days as the time between two alarms.
export function onceIn(rate) {
  const days = DAYS / rate;
  if (days < 2) return `once in ${plural(Math.round(days * 24), 'hour')}`;
  if (days < 90) return `once in ${plural(Math.round(days), 'day')}`;
  if (days < 730) return `once in ${plural(Math.round(days / 30.44), 'month')}`;
  return `once in ${count(Math.round(days / 365.25))} years`;
}

const LIVE = 'live';

function unitsOf(baselines) {
  const units = new Map();
  for (const one of baselines) {
    const variant = one.variant ?? LIVE;
    const key = JSON.stringify([one.source, one.guardrail, one.category, variant]);
    if (!units.has(key)) units.set(key, {...one, variant, key, states: {}});
    const {states} = units.get(key);
    states[one.state] = (states[one.state] ?? 0) + 1;
  }
  return [...units.values()];
}

// Parts of a whole, [{class, share}], from left to right.
function bar(parts, name) {
  const [width, height] = [220, 12];
  let x = 0;
  return svg(
    'svg.bar-cell.share',
    {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': name},
    parts.map(({kind, share}) => {
      const rect = svg(`rect.${kind}`, {x, y: 0, width: share * width, height});
      x += share * width;
      return rect;
    }),
  );
}

const statesText = states =>
  STATES.filter(state => states[state])
    .map(state => `${count(states[state])} ${STATE_WORDS[state]}`)
    .join(', ');

function stateBar(states) {
  const all = Object.values(states).reduce((sum, n) => sum + n, 0);
  return bar(
    STATES.filter(state => states[state]).map(state => ({kind: state, share: states[state] / all})),
    `Of ${plural(all, 'detector')}: ${statesText(states)}`,
  );
}

function row(key, name, states, rate) {
  return h(
    'tr',
    {'data-key': key},
    h('th', {scope: 'row'}, name),
    rate != null && [
      h('td.value', {'data-label': 'False alarms in 30 days'}, h('data', {value: rate}, short(rate))),
      h('td', {'data-label': 'That is at most'}, onceIn(rate)),
    ],
    h('td', {'data-label': 'Detectors'}, stateBar(states), ' ', h('span.sub', {}, statesText(states))),
  );
}

function table(caption, first, rows, rated) {
  return h(
    'div.panel.flush',
    {},
    h(
      'table.cards',
      {},
      h('caption.unseen', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', {scope: 'col'}, first),
          rated && [
            h('th.value', {scope: 'col'}, 'False alarms in 30 days'),
            h('th', {scope: 'col'}, 'That is at most'),
          ],
          h('th', {scope: 'col'}, 'Detectors of the whole traffic'),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
}

function statesBy(baselines, keyOf) {
  const groups = new Map();
  for (const one of baselines) {
    const states = groups.get(keyOf(one)) ?? {};
    states[one.state] = (states[one.state] ?? 0) + 1;
    groups.set(keyOf(one), states);
  }
  return groups;
}

function oneNumber(drift) {
  const budget = drift.false_alarms_per_30d;
  return h(
    'section.panel',
    {'data-key': 'number', 'aria-label': 'The budget'},
    budget > 0 && [
      h('h2', {}, `At most ${plural(budget, 'false page')} in ${DAYS} days`),
      h(
        'p.lead',
        {},
        'On average, over everything that is watched for drift together: every guardrail, ' +
          'statistic, model version and cohort. More of them make each share smaller, never the ' +
          'total larger.',
      ),
    ],
    h('p', {}, drift.budget || 'Nothing is watched for drift yet.'),
    drift.false_alarms_per_30d_at_most != null &&
      budget > 0 && [
        bar(
          [{kind: 'armed', share: Math.min(1, drift.false_alarms_per_30d_at_most / budget)}],
          `${short(drift.false_alarms_per_30d_at_most)} of ${short(budget)} false alarms in 30 days are given out`,
        ),
        h('p.sub', {}, `The thresholds as they are allow at most ${short(drift.false_alarms_per_30d_at_most)}.`),
      ],
  );
}

function halves(drift) {
  if (drift.cohorts == null || !(drift.false_alarms_per_30d > 0)) return null;
  const whole = drift.cohorts ? 0.5 : 1;
  const rate = share => `${short(share * drift.false_alarms_per_30d)} in 30 days`;
  return h(
    'section',
    {'data-key': 'halves'},
    h('h2', {}, 'Whole traffic and cohorts'),
    h(
      'div.panel',
      {},
      bar(
        [
          {kind: 'armed', share: whole},
          {kind: 'cohorts', share: 1 - whole},
        ],
        drift.cohorts ? 'Half for the whole traffic, half for cohorts' : 'All for the whole traffic',
      ),
      h(
        'p',
        {},
        drift.cohorts
          ? `Half, ${rate(0.5)}, is for the traffic of each guardrail as a whole; half, ${rate(0.5)}, ` +
              'for cohorts, however many there are.'
          : `All of it is for the traffic of each guardrail as a whole: no cohort is watched.`,
      ),
    ),
  );
}

export function render(model, data) {
  const drift = model.status.drift ?? {};
  const units = unitsOf(data.baselines);
  const budget = drift.false_alarms_per_30d;
  const rated = budget > 0 && drift.units > 0 && drift.statistics > 0;
  const perUnit = rated ? budget / drift.units : null;
  const perStatistic = rated ? budget / drift.statistics : null;
  const byStream = statesBy(data.baselines, one => one.stream);
  return [
    h('div.title.lead', {}, h('h1', {tabindex: -1}, 'How the budget is spent')),
    oneNumber(drift),
    halves(drift),
    units.length > 0 && [
      h(
        'section',
        {'data-key': 'units'},
        h('h2', {}, 'By guardrail'),
        table(
          'Shares of guardrails',
          'Guardrail',
          units.map(unit =>
            row(
              unit.key,
              [
                h('a', {href: unitAddress(unit)}, unitName(unit)),
                h('span.sub', {}, unit.variant === LIVE ? '' : ` ${unit.variant}`),
              ],
              unit.states,
              perUnit,
            ),
          ),
          rated,
        ),
      ),
      h(
        'section',
        {'data-key': 'statistics'},
        h('h2', {}, 'By statistic'),
        table(
          'Shares of statistics',
          'Statistic',
          [...byStream].map(([stream, states]) =>
            row(stream, stream.replaceAll('_', ' '), states, perStatistic),
          ),
          rated,
        ),
      ),
      h(
        'p.footnote.legend',
        {},
        h('span', {}, 'armed'),
        h('span.blind', {}, 'not monitorable: no alarm there means little'),
        h('span.learning', {}, 'learning: not watched yet'),
      ),
    ],
  ];
}
