// Cohorts: where the guardrail behaves unlike the whole.

import {intervalBar} from './charts.js';
import {h} from './dom.js';
import {MISSING, countNode, statisticNode, statisticText, windowText} from './format.js';
import {address} from './parts.js';
import {isWhole} from './api.js';

const share = (window, name) => window?.statistics?.[name] ?? {};

// What the API says of the value over all model versions: its rate, shrunk, and whether it is watched.
const shrunkOf = (cohorts, dimension, value, one) =>
  cohorts.find(
    c =>
      c.dimension === dimension &&
      c.value === value &&
      (c.variant ?? 'live') === (one.variant ?? 'live'),
  );

function rowsOf({windows, cohorts, one, window, whole}) {
  const all = share(whole, 'fail_rate').value;
  return windows
    .filter(
      w =>
        !isWhole(w) &&
        w.window === window &&
        w.view !== 'matured' &&
        w.model_version === one.model_version &&
        (w.variant ?? 'live') === (one.variant ?? 'live'),
    )
    .map(w => {
      const [dimension, value] = Object.entries(w.slice)[0];
      const rate = share(w, 'fail_rate');
      const difference = rate.value != null && all != null ? rate.value - all : null;
      const beyond = difference !== null && rate.low != null && (all < rate.low || all > rate.high);
      const cohort = shrunkOf(cohorts, dimension, value, one);
      return {
        shrunk: cohort?.shrunk?.fail_rate,
        lift: cohort?.smallest_detectable_lift,
        thin: cohort?.status === 'not_monitorable',
        dimension,
        value,
        n: w.counts?.decided ?? 0,
        rate,
        band: share(w, 'band_share'),
        difference,
        beyond,
      };
    });
}

const COLUMNS = [
  {key: 'dimension', text: 'Dimension', of: r => r.dimension},
  {key: 'value', text: 'Value', of: r => r.value},
  {key: 'n', text: 'n', numeric: true, of: r => r.n},
  {key: 'fail_rate', text: 'Fail rate', numeric: true, of: r => r.rate.value ?? -1},
  {key: 'interval', text: '95 % interval', fixed: true},
  {key: 'shrunk', text: 'Shrunk', numeric: true, of: r => r.shrunk?.value ?? -1},
  {key: 'lift', text: 'Seen within a day', numeric: true, of: r => r.lift ?? Infinity},
  {
    key: 'difference',
    text: 'From the whole',
    numeric: true,
    of: r => Math.abs(r.difference ?? 0) * (r.beyond ? 1 : 1e-6),
  },
  {key: 'band_share', text: 'Near threshold', numeric: true, of: r => r.band.value ?? -1},
];

function compare(column, descending) {
  return (a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    const order = typeof x === 'number' ? x - y : String(x).localeCompare(String(y));
    return (descending ? -order : order) || b.n - a.n;
  };
}

function headCell(column, sort, descending, route) {
  const attributes = {scope: 'col', class: column.numeric && 'value'};
  if (column.fixed) return h('th', attributes, column.text);
  const sorted = column.key === sort;
  const order = (sorted ? !descending : column.numeric) ? 'down' : 'up';
  return h(
    'th',
    {...attributes, 'aria-sort': sorted && (descending ? 'descending' : 'ascending')},
    h(
      'a.sort',
      {href: address(route, {sort: column.key, order})},
      column.text,
      sorted && h('span', {'aria-hidden': 'true'}, descending ? ' ↓' : ' ↑'),
    ),
  );
}

// How much of a change would be noticed; a cohort too thin for any is not called fine.
function liftText({thin, lift}) {
  if (thin) return 'too few to watch';
  return lift == null ? MISSING : `from \u00d7${lift.toFixed(1)}`;
}

const points = value =>
  `${value > 0 ? '+' : value < 0 ? '\u2212' : ''}${(Math.abs(value) * 100).toFixed(Math.abs(value) < 0.01 ? 2 : 1)} pp`;

export function cohortTable(question) {
  const {route, whole, window} = question;
  const rows = rowsOf(question);
  const column =
    COLUMNS.find(c => c.key === route.query.sort && !c.fixed) ??
    COLUMNS.find(c => c.key === 'difference');
  const descending = (route.query.order ?? 'down') === 'down';
  rows.sort(compare(column, descending));
  const most = Math.max(
    ...rows.map(r => r.rate.high ?? r.rate.value ?? 0),
    share(whole, 'fail_rate').value ?? 0,
  );
  const body = rows.map(r => {
    const text = statisticText('fail_rate', r.rate);
    const shrunk = statisticText('fail_rate', r.shrunk);
    return h(
      'tr',
      {'data-key': `${r.dimension}=${r.value}`},
      h('td', {}, r.dimension),
      h('th', {scope: 'row'}, r.value === '' ? '""' : r.value),
      h('td.value', {}, countNode(r.n, 'decided')),
      h('td.value', {}, statisticNode('fail_rate', r.rate)),
      h(
        'td.interval',
        {},
        intervalBar(r.rate, share(whole, 'fail_rate').value, most),
        h('span.sub', {}, text.interval || text.reason),
      ),
      h('td.value', {}, shrunk.value, h('span.sub', {}, shrunk.interval)),
      h('td.value', {class: r.thin ? 'value missing' : 'value'}, liftText(r)),
      h(
        'td.value',
        {class: r.beyond ? 'value beyond' : 'value'},
        r.difference === null ? '–' : points(r.difference),
        r.beyond && h('span.unseen', {}, ' beyond its interval'),
      ),
      h('td.value', {}, statisticNode('band_share', r.band)),
    );
  });
  return h(
    'section.panel',
    {'aria-labelledby': 'cohorts'},
    h('h2', {id: 'cohorts'}, 'Cohorts'),
    rows.length
      ? [
          h(
            'p.caption',
            {},
            `${windowText(window)}; the vertical mark is the whole, and a difference is coloured where the whole lies outside the cohort's own interval. Shrunk: pulled towards the other cohorts by as much as its events are few. Seen within a day: the rise of the fail rate that would be`,
          ),
          h(
            'div.scroll',
            {tabindex: 0, role: 'region', 'aria-label': 'Cohorts'},
            h(
              'table',
              {},
              h('caption.unseen', {}, 'Cohorts'),
              h(
                'thead',
                {},
                h(
                  'tr',
                  {},
                  COLUMNS.map(c => headCell(c, column.key, descending, route)),
                ),
              ),
              h('tbody', {}, body),
            ),
          ),
        ]
      : h(
          'p.muted',
          {},
          'No cohort dimension is configured for this guardrail, or no event carried one.',
        ),
  );
}
