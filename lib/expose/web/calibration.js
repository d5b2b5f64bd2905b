// Whether scores mean what they say: the reliability diagram and the histogram of scores.

import {at, numbersTable, ticks} from './charts.js';
import {compact, count, percent, statisticText} from './format.js';
import {h, svg} from './dom.js';

const Z = 1.959963984540054;
const ONE = 2 ** 30; // q = round(p * 2^30)

// The 95 % Wilson interval of `hits` of `n`.
export function wilson(hits, n) {
  const p = hits / n;
  const center = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  return {low: Math.max(0, center - half), high: Math.min(1, center + half)};
}

// The bins that hold labels, with mean score, observed rate and its interval.
export function reliabilityPoints(window) {
  return (window?.reliability ?? [])
    .filter(bin => bin.labeled > 0)
    .map(bin => ({
      ...bin,
      score: Number(bin.score_q) / ONE / bin.labeled,
      rate: bin.positive / bin.labeled,
      ...wilson(bin.positive, bin.labeled),
      jeffreys: bin.jeffreys,
    }));
}

export const offDiagonal = point => point.score < point.low || point.score > point.high;

// How the calibration error compares with what a perfectly calibrated model would show on as many labels.
export function noiseWords(window) {
  const ece = window?.statistics?.ece;
  if (ece?.value == null || ece.noise_floor == null) return '';
  const points = reliabilityPoints(window);
  const n = points.reduce((sum, p) => sum + p.labeled, 0);
  const variance = points.reduce((sum, p) => sum + p.labeled * p.score * (1 - p.score), 0);
  const deviation = Math.sqrt((1 - 2 / Math.PI) * variance) / n;
  const z = deviation > 0 ? (ece.value - ece.noise_floor) / deviation : 0;
  const floor = statisticText('ece', {value: ece.noise_floor}).value;
  if (z < 2) return `about what noise alone gives (${floor})`;
  if (z < 4) return `more than noise alone would give (${floor})`;
  return `far more than noise alone would give (${floor})`;
}

export function gapWords(window) {
  const gap = window?.statistics?.calibration_gap;
  if (gap?.value == null) return '';
  const size = statisticText('mean_score', {value: Math.abs(gap.value)}).value;
  if (Math.abs(gap.value) < 0.0005) return 'scores are neither too high nor too low on the whole';
  return gap.value > 0
    ? `scores are too high by ${size} on the whole`
    : `scores are too low by ${size} on the whole`;
}

function frame(box, marks, x, y) {
  return marks.map(v => [
    svg(v === 0 ? 'line.axis' : 'line.grid', {x1: box.left, x2: box.right, y1: y(v), y2: y(v)}),
    svg(v === 0 ? 'line.axis' : 'line.grid', {x1: x(v), x2: x(v), y1: box.top, y2: box.bottom}),
    svg('text.tick.end', {x: box.left - 6, y: y(v) + 4}, v.toFixed(1)),
    svg('text.tick.mid', {x: x(v), y: box.bottom + 16}, v.toFixed(1)),
  ]);
}

// A count in at most four characters, to stand under a bin.
const narrow = n =>
  n < 1000
    ? String(n)
    : n < 1e4
      ? `${(n / 1e3).toFixed(1)}k`
      : n < 1e6
        ? `${Math.round(n / 1e3)}k`
        : `${Math.round(n / 1e6)}M`;

const ROOM_FOR_COUNTS = 400; // Narrower, the counts are in the table only.

// The Jeffreys intervals of neighbouring bins, as one area.
function jeffreysBand(points, x, y) {
  const known = points.filter(p => p.jeffreys);
  if (known.length < 2) return null;
  const edge = (list, end) => list.map(p => at(x(p.score), y(p.jeffreys[end])));
  return svg('polygon.jeffreys', {
    points: [...edge(known, 1), ...edge([...known].reverse(), 0)].join(' '),
  });
}

// Observed rate against mean score per bin; bars are Wilson intervals, the area behind them Jeffreys',
// circles follow the number of labels.
export function reliabilityDiagram(window, width) {
  const size = Math.min(width, 460);
  const height = size + 32;
  const box = {left: 44, right: size - 14, top: 12, bottom: size - 40};
  const x = v => Math.round((box.left + v * (box.right - box.left)) * 10) / 10;
  const y = v => Math.round((box.bottom - v * (box.bottom - box.top)) * 10) / 10;
  const points = reliabilityPoints(window);
  const most = Math.max(...points.map(p => p.labeled), 1);
  const off = points.filter(offDiagonal).length;
  const sentence = points.length
    ? `${off} of ${points.length} bins with labels lie off the diagonal by more than their 95 % interval`
    : 'no labels in this window';
  const drawing = svg(
    'svg.chart.reliability',
    {
      viewBox: `0 0 ${size} ${height}`,
      width: size,
      height,
      role: 'img',
      'aria-label': `Reliability diagram: ${sentence}`,
    },
    frame(box, [0, 0.2, 0.4, 0.6, 0.8, 1], x, y),
    jeffreysBand(points, x, y),
    svg('line.diagonal', {x1: x(0), y1: y(0), x2: x(1), y2: y(1)}),
    points.length > 1 &&
      svg('polyline.line.faint', {points: points.map(p => at(x(p.score), y(p.rate))).join(' ')}),
    points.map(p =>
      svg(
        offDiagonal(p) ? 'g.bin.off' : 'g.bin',
        {},
        svg('line.whisker', {x1: x(p.score), x2: x(p.score), y1: y(p.low), y2: y(p.high)}),
        svg('line.whisker', {x1: x(p.score) - 4, x2: x(p.score) + 4, y1: y(p.low), y2: y(p.low)}),
        svg('line.whisker', {x1: x(p.score) - 4, x2: x(p.score) + 4, y1: y(p.high), y2: y(p.high)}),
        svg('circle.area', {
          cx: x(p.score),
          cy: y(p.rate),
          r: Math.max(3, Math.round(140 * Math.sqrt(p.labeled / most)) / 10),
        }),
        svg(
          'title',
          {},
          `scores ${p.lower.toFixed(3)} to ${p.upper.toFixed(3)}: mean score ${p.score.toFixed(3)}, ` +
            `observed ${percent(p.rate)} [${percent(p.low)}, ${percent(p.high)}], n = ${count(p.labeled)}`,
        ),
      ),
    ),
    svg('text.title.mid', {x: (box.left + box.right) / 2, y: box.bottom + 34}, 'mean score'),
    svg(
      'text.title.mid',
      {transform: `translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)`},
      'observed unsafe rate',
    ),
    size >= ROOM_FOR_COUNTS && svg('text.tick.end', {x: box.left - 6, y: height - 6}, 'n'),
    size >= ROOM_FOR_COUNTS &&
      points.map(p =>
        svg(
          'text.tick.mid.small',
          {x: x((p.lower + p.upper) / 2), y: height - 6},
          narrow(p.labeled),
        ),
      ),
    !points.length &&
      svg(
        'text.none.mid',
        {x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2},
        'no labels',
      ),
  );
  const rows = points.map(p => [
    `${p.lower.toFixed(3)}–${p.upper.toFixed(3)}`,
    count(p.labeled),
    count(p.positive),
    p.score.toFixed(3),
    percent(p.rate),
    `[${percent(p.low)}, ${percent(p.high)}]`,
    p.jeffreys ? `[${percent(p.jeffreys[0])}, ${percent(p.jeffreys[1])}]` : '',
  ]);
  return [
    drawing,
    h('p.caption', {}, `${sentence}. Bars: 95 % by Wilson; shaded: by Jeffreys.`),
    numbersTable(
      'the reliability diagram',
      ['Scores', 'Labels', 'Unsafe', 'Mean score', 'Observed', '95 % Wilson', '95 % Jeffreys'],
      rows,
    ),
  ];
}

const CELLS = 64; // Equal widths that the score grid nests into exactly.

// Fine bins of the API gathered into 64 equal ones.
export function gather(histogram) {
  const cells = Array.from({length: CELLS}, () => ({scored: 0, positive: 0, negative: 0}));
  for (const bin of histogram?.bins ?? []) {
    const middle = (bin.low + bin.high) / 2;
    const cell = cells[Math.min(CELLS - 1, Math.max(0, Math.floor(middle * CELLS)))];
    cell.scored += bin.scored ?? 0;
    cell.positive += bin.positive ?? 0;
    cell.negative += bin.negative ?? 0;
  }
  return cells;
}

// Counts on a logarithmic scale: most scores lie near 0, and the threshold is where few do.
export function scoreHistogram(histogram, {threshold, band}, width) {
  const height = 250;
  const box = {left: 48, right: width - 10, top: 26, bottom: height - 40};
  const cells = gather(histogram);
  const total = cells.reduce((sum, c) => sum + c.scored, 0);
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(...cells.map(c => c.scored), 1) + 1)));
  const x = v => Math.round((box.left + v * (box.right - box.left)) * 10) / 10;
  const y = n =>
    Math.round(
      (box.bottom - (Math.log10(n + 1) / Math.log10(10 ** powers + 1)) * (box.bottom - box.top)) *
        10,
    ) / 10;
  const known = threshold != null;
  const low = known ? Math.max(0, threshold - band) : 0;
  const high = known ? Math.min(1, threshold + band) : 0;
  const above = known
    ? cells.filter((_, i) => (i + 0.5) / CELLS >= threshold).reduce((s, c) => s + c.scored, 0)
    : 0;
  const sentence =
    `${count(total)} scores` +
    (known ? `, threshold ${threshold}, about ${percent(total ? above / total : 0)} above it` : '');
  const drawing = svg(
    'svg.chart',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': `Histogram of scores: ${sentence}`,
    },
    Array.from({length: powers + 1}, (_, k) => k).map(k => [
      svg('line.grid', {x1: box.left, x2: box.right, y1: y(10 ** k), y2: y(10 ** k)}),
      svg('text.tick.end', {x: box.left - 6, y: y(10 ** k) + 4}, compact(10 ** k)),
    ]),
    known &&
      svg('rect.band', {
        x: x(low),
        y: box.top,
        width: x(high) - x(low),
        height: box.bottom - box.top,
      }),
    cells.map(
      (c, i) =>
        c.scored > 0 &&
        svg(
          'g.cell',
          {},
          svg('rect.column', {
            x: x(i / CELLS) + 0.5,
            y: y(c.scored),
            width: Math.max(1, x((i + 1) / CELLS) - x(i / CELLS) - 1),
            height: box.bottom - y(c.scored),
          }),
          c.positive > 0 &&
            svg('rect.column.positive', {
              x: x(i / CELLS) + 0.5,
              y: y(c.positive),
              width: Math.max(1, x((i + 1) / CELLS) - x(i / CELLS) - 1),
              height: box.bottom - y(c.positive),
            }),
          svg(
            'title',
            {},
            `${(i / CELLS).toFixed(3)} to ${((i + 1) / CELLS).toFixed(3)}: ${count(c.scored)} scores, ` +
              `${count(c.positive)} labelled unsafe, ${count(c.negative)} labelled safe`,
          ),
        ),
    ),
    known &&
      svg(
        'g.threshold',
        {},
        svg('line', {x1: x(threshold), x2: x(threshold), y1: box.top - 8, y2: box.bottom}),
        svg(
          threshold > 0.6 ? 'text.tick.end' : 'text.tick',
          {x: x(threshold) + (threshold > 0.6 ? -5 : 5), y: box.top - 8},
          `threshold ${threshold}`,
        ),
      ),
    svg('line.axis', {x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom}),
    ticks(0, 1, 5).map(v => svg('text.tick.mid', {x: x(v), y: box.bottom + 16}, v.toFixed(1))),
    svg('text.title.mid', {x: (box.left + box.right) / 2, y: box.bottom + 34}, 'score'),
    svg('text.tick', {x: 2, y: 12}, 'events (log scale)'),
    !total &&
      svg(
        'text.none.mid',
        {x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2},
        'no scores',
      ),
  );
  const rows = cells
    .map((c, i) => [c, i])
    .filter(([c]) => c.scored > 0)
    .map(([c, i]) => [
      `${(i / CELLS).toFixed(3)}–${((i + 1) / CELLS).toFixed(3)}`,
      count(c.scored),
      count(c.positive),
      count(c.negative),
    ]);
  const legend = h(
    'p.legend',
    {},
    h('span.all', {}, 'every score'),
    h('span.unsafe', {}, 'of these, labelled unsafe'),
  );
  return [
    drawing,
    legend,
    numbersTable(
      'the score histogram',
      ['Scores', 'Events', 'Labelled unsafe', 'Labelled safe'],
      rows,
    ),
  ];
}
