// Charts over time, drawn as SVG at the size they are shown. A line is broken, and the ground shaded,
// where there is no data. Every chart has a sentence as its label and a table with its numbers.

import {clock, count, statisticText, timeOf} from './format.js';
import {h, svg} from './dom.js';

const round = v => Math.round(v * 10) / 10;
export const at = (x, y) => `${round(x)},${round(y)}`;

// Round numbers from `low` to at least `high`, about `wanted` of them.
export function ticks(low, high, wanted = 4) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = power * ([1, 2, 5, 10].find(m => m * power * wanted >= span * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => (first + i) * step);
}

const MINUTE = 60_000;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080].map(
  m => m * MINUTE,
);

function timeTicks(from, to, wanted) {
  const step = TIME_STEPS.find(s => (to - from) / s <= wanted) ?? TIME_STEPS.at(-1);
  const marks = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) marks.push(t);
  return {marks, daily: step >= 1440 * MINUTE};
}

// Runs of points that follow each other without a gap.
export function runsOf(points, step) {
  const runs = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run && point.start - run.at(-1).end < step / 2) run.push(point);
    else runs.push([point]);
  }
  return runs;
}

const bounded = p => p.low !== null && p.high !== null;

// Points of the API with numbers for times; those without a value are gaps.
export function pointsOf(series) {
  return (series?.points ?? [])
    .map(p => ({
      start: timeOf(p.start),
      end: timeOf(p.end),
      value: p.value ?? null,
      low: p.low ?? null,
      high: p.high ?? null,
      n: p.n ?? 0,
    }))
    .filter(p => p.value !== null && p.start !== null && p.end !== null)
    .sort((a, b) => a.start - b.start);
}

// Times without data, longer than a step.
function gapsOf(runs, from, to, step) {
  const edges = [from, ...runs.flatMap(run => [run[0].start, run.at(-1).end]), to];
  const gaps = [];
  for (let i = 0; i < edges.length; i += 2) {
    if (edges[i + 1] - edges[i] > step) gaps.push([edges[i], edges[i + 1]]);
  }
  return gaps;
}

// Line and ribbon of one run. A single point becomes a dot.
function runMarks(run, x, y) {
  const middle = p => x((p.start + p.end) / 2);
  if (run.length === 1) {
    const [p] = run;
    return [
      bounded(p) &&
        svg('line.whisker', {x1: middle(p), x2: middle(p), y1: y(p.low), y2: y(p.high)}),
      svg('circle.dot', {cx: middle(p), cy: y(p.value), r: 2}),
    ];
  }
  const line = run.map(p => at(middle(p), y(p.value))).join(' ');
  const edge = run.filter(bounded);
  const ribbon = [
    ...edge.map(p => at(middle(p), y(p.high))),
    ...edge.reverse().map(p => at(middle(p), y(p.low))),
  ];
  return [
    ribbon.length > 2 && svg('polygon.ribbon', {points: ribbon.join(' ')}),
    svg('polyline.line', {points: line}),
  ];
}

function summaryOf(statistic, points) {
  if (!points.length) return 'no data in this time';
  const say = p => statisticText(statistic, p).value;
  const low = points.reduce((a, b) => (b.value < a.value ? b : a));
  const high = points.reduce((a, b) => (b.value > a.value ? b : a));
  const last = points.at(-1);
  const {interval} = statisticText(statistic, last);
  return `last ${say(last)}${interval ? ` ${interval}` : ''}, lowest ${say(low)}, highest ${say(high)}`;
}

// A chart of one statistic: {statistic, label, series, from, to, step, width, epochs}. Times in ms.
export function timeChart({
  statistic,
  label,
  series,
  from,
  to,
  step,
  width,
  epochs = [],
  bounds = [],
  now,
}) {
  const points = pointsOf(series).filter(p => p.end > from && p.start < to);
  const runs = runsOf(points, step);
  const height = 190;
  const box = {left: 48, right: width - 10, top: 18, bottom: height - 24};
  const highest = Math.max(...points.map(p => p.high ?? p.value), ...bounds.map(b => b.value), 0);
  const lowest = Math.min(...points.map(p => p.low ?? p.value), 0);
  const marks = ticks(lowest, highest || 0.01, 4);
  const x = t =>
    box.left + ((Math.min(to, Math.max(from, t)) - from) / (to - from)) * (box.right - box.left);
  const y = v => box.bottom - ((v - marks[0]) / (marks.at(-1) - marks[0])) * (box.bottom - box.top);
  const time = timeTicks(from, to, Math.max(2, Math.floor(width / 90)));
  const spread = (marks[1] - marks[0]) / 2;
  const tickText = v =>
    statisticText(statistic, {value: v, low: v - spread, high: v + spread}).value;
  const describe = p => {
    const text = statisticText(statistic, p);
    return `${clock(p.start, now)}–${clock(p.end, now)} UTC: ${text.value} ${text.interval} n = ${count(p.n)}`;
  };
  const summary = `${label} over time: ${summaryOf(statistic, points)}`;
  const drawing = svg(
    'svg.chart',
    {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': summary},
    gapsOf(runs, from, to, step).map(([a, b]) =>
      svg(
        'rect.gap',
        {x: round(x(a)), y: box.top, width: round(x(b) - x(a)), height: box.bottom - box.top},
        svg('title', {}, `no data ${clock(a, now)}–${clock(b, now)} UTC`),
      ),
    ),
    marks.map(v => [
      svg(v === 0 ? 'line.axis' : 'line.grid', {
        x1: box.left,
        x2: box.right,
        y1: round(y(v)),
        y2: round(y(v)),
      }),
      svg('text.tick.end', {x: box.left - 6, y: round(y(v)) + 4}, tickText(v)),
    ]),
    time.marks.map(t =>
      svg(
        'text.tick.mid',
        {x: round(x(t)), y: height - 6},
        time.daily
          ? new Date(t).toISOString().slice(5, 10)
          : new Date(t).toISOString().slice(11, 16),
      ),
    ),
    runs.map(run => runMarks(run, x, y)),
    bounds.map(b =>
      svg(
        'g.bound',
        {},
        svg('line', {x1: box.left, x2: box.right, y1: round(y(b.value)), y2: round(y(b.value))}),
        svg('text.tick.end', {x: box.right, y: round(y(b.value)) - 4}, `rule ${b.text}`),
      ),
    ),
    epochs.map(e =>
      svg(
        'g.epoch',
        {},
        svg('line', {x1: round(x(e.time)), x2: round(x(e.time)), y1: box.top - 6, y2: box.bottom}),
        svg(
          x(e.time) > width - 130 ? 'text.tick.end' : 'text.tick',
          {x: round(x(e.time)) + (x(e.time) > width - 130 ? -4 : 4), y: box.top - 5},
          e.text,
        ),
      ),
    ),
    points.map(p =>
      svg(
        'g.point',
        {},
        svg('rect.hit', {
          x: round(x(p.start)),
          y: box.top,
          width: Math.max(1, round(x(p.end) - x(p.start))),
          height: box.bottom - box.top,
        }),
        svg('circle', {cx: round(x((p.start + p.end) / 2)), cy: round(y(p.value)), r: 3}),
        svg('title', {}, describe(p)),
      ),
    ),
    !points.length &&
      svg(
        'text.none.mid',
        {x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2},
        'no data',
      ),
  );
  const rows = points.toReversed().map(p => {
    const text = statisticText(statistic, p);
    return [`${clock(p.start, now)} UTC`, text.value, text.interval, count(p.n)];
  });
  return [drawing, numbersTable(`${label} over time`, ['From', label, '95 % interval', 'n'], rows)];
}

// The numbers of a chart, for whoever cannot or would rather not look at it.
export function numbersTable(title, head, rows) {
  return h(
    'details.numbers',
    {'data-key': `numbers ${title}`},
    h('summary', {}, 'Numbers', h('span.unseen', {}, ` of ${title}`)),
    rows.length
      ? h(
          'div.scroll',
          {tabindex: 0, role: 'region', 'aria-label': title},
          h(
            'table',
            {},
            h('caption.unseen', {}, title),
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                head.map(text => h('th', {scope: 'col'}, text)),
              ),
            ),
            h(
              'tbody',
              {},
              rows.map(row =>
                h(
                  'tr',
                  {},
                  row.map(cell => h('td', {}, cell)),
                ),
              ),
            ),
          ),
        )
      : h('p.muted', {}, 'No data.'),
  );
}

// A trend small enough for a table cell.
export function sparkline({statistic, series, from, to, step}) {
  const [width, height] = [120, 26];
  const points = pointsOf(series).filter(p => p.end > from && p.start < to);
  const runs = runsOf(points, step);
  const label = `Trend of the last hour: ${summaryOf(statistic, points)}`;
  const highest = Math.max(...points.map(p => p.high ?? p.value), 1e-6);
  const x = t => 1 + ((Math.min(to, Math.max(from, t)) - from) / (to - from)) * (width - 2);
  const y = v => height - 2 - (v / highest) * (height - 4);
  return svg(
    'svg.spark',
    {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label},
    gapsOf(runs, from, to, step).map(([a, b]) =>
      svg('rect.gap', {x: round(x(a)), y: 0, width: round(x(b) - x(a)), height}),
    ),
    runs.map(run => runMarks(run, x, y)),
  );
}

// A value with its interval on a common scale, and the whole's value as a mark.
export function intervalBar({value, low, high}, whole, most) {
  const [width, height] = [110, 14];
  const x = v => round(2 + Math.min(1, Math.max(0, v / (most || 1))) * (width - 4));
  return svg(
    'svg.bar-cell',
    {viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true'},
    svg('line.grid', {x1: 0, x2: width, y1: height / 2, y2: height / 2}),
    whole != null && svg('line.whole', {x1: x(whole), x2: x(whole), y1: 0, y2: height}),
    low != null &&
      high != null &&
      svg('rect.extent', {
        x: x(low),
        y: 4,
        width: Math.max(1.5, x(high) - x(low)),
        height: 6,
        rx: 2,
      }),
    value != null && svg('circle.dot', {cx: x(value), cy: height / 2, r: 3}),
  );
}
