// What other thresholds would have done to the labelled requests: the ROC and the precision-recall curve.

import {at, numbersTable} from './charts.js';
import {h, svg} from './dom.js';
import {MISSING, count, percent, statisticText} from './format.js';

const MARKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

function chart({title, sentence, points, here, base, x: xName, y: yName}, width) {
  const size = Math.min(width, 380);
  const box = {left: 44, right: size - 14, top: 12, bottom: size - 40};
  const x = v => Math.round((box.left + v * (box.right - box.left)) * 10) / 10;
  const y = v => Math.round((box.bottom - v * (box.bottom - box.top)) * 10) / 10;
  return svg(
    'svg.chart.curve',
    {
      viewBox: `0 0 ${size} ${size}`,
      width: size,
      height: size,
      role: 'img',
      'aria-label': `${title}: ${sentence}`,
    },
    MARKS.map(v => [
      svg(v === 0 ? 'line.axis' : 'line.grid', {x1: box.left, x2: box.right, y1: y(v), y2: y(v)}),
      svg(v === 0 ? 'line.axis' : 'line.grid', {x1: x(v), x2: x(v), y1: box.top, y2: box.bottom}),
      svg('text.tick.end', {x: box.left - 6, y: y(v) + 4}, v.toFixed(1)),
      svg('text.tick.mid', {x: x(v), y: box.bottom + 16}, v.toFixed(1)),
    ]),
    base && svg('line.diagonal', {x1: x(0), y1: y(base[0]), x2: x(1), y2: y(base[1])}),
    svg('polyline.line', {points: points.map(([a, b]) => at(x(a), y(b))).join(' ')}),
    here &&
      svg(
        'g.bin',
        {},
        svg('circle.area', {cx: x(here[0]), cy: y(here[1]), r: 5}),
        svg('title', {}, `as decided: ${xName} ${percent(here[0])}, ${yName} ${percent(here[1])}`),
      ),
    svg('text.title.mid', {x: (box.left + box.right) / 2, y: box.bottom + 34}, xName),
    svg(
      'text.title.mid',
      {transform: `translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)`},
      yName,
    ),
    !points.length &&
      svg(
        'text.none.mid',
        {x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2},
        'no labels of both kinds',
      ),
  );
}

const known = pair => pair.every(v => v != null);
const text = v => (v == null ? MISSING : percent(v));

function numbers(title, curve) {
  const rows = (curve?.points ?? []).map(p => [
    p.threshold == null ? 'none flagged' : p.threshold.toFixed(4),
    count(p.true_positive),
    count(p.false_positive),
    text(p.recall),
    text(p.false_positive_rate),
    text(p.precision),
  ]);
  const head = ['Threshold', 'True', 'False', 'Recall', 'False positive rate', 'Precision'];
  return numbersTable(title, head, rows);
}

const said = (name, statistic) => {
  const {value, interval, reason} = statisticText(name, statistic);
  return statistic?.value == null ? reason : `${value} ${interval}`.trim();
};

// `curve` of the API's `curves`, summed over model versions; undefined draws empty charts.
export function curveCharts(curve, width) {
  const points = curve?.points ?? [];
  const force = curve?.in_force ?? {};
  const place = (a, b) => (known([force[a], force[b]]) ? [force[a], force[b]] : null);
  const area = said('roc_auc', curve?.roc_auc);
  const precision = said('average_precision', curve?.average_precision);
  const prevalence = curve?.average_precision?.noise_floor;
  const best = curve?.best_f1?.value;
  return [
    h('h3', {}, 'ROC'),
    h('p.caption', {}, `Area ${area}; the dashed line is chance, the dot what was decided.`),
    chart(
      {
        title: 'ROC curve',
        sentence: `area under it ${area}`,
        points: points.map(p => [p.false_positive_rate, p.recall]).filter(known),
        here: place('false_positive_rate', 'recall'),
        base: [0, 1],
        x: 'false positive rate',
        y: 'recall',
      },
      width,
    ),
    numbers('the ROC curve', curve),
    h('h3', {}, 'Precision and recall'),
    h(
      'p.caption',
      {},
      `Average precision ${precision}; the dashed line is the share of unsafe requests.`,
      best != null &&
        ` The best F1, ${best.toFixed(3)}, is at a threshold of ${curve.best_f1_threshold.value.toFixed(3)}.`,
    ),
    chart(
      {
        title: 'Precision-recall curve',
        sentence: `average precision ${precision}`,
        points: points.map(p => [p.recall, p.precision]).filter(known),
        here: place('recall', 'precision'),
        base: prevalence == null ? null : [prevalence, prevalence],
        x: 'recall',
        y: 'precision',
      },
      width,
    ),
    numbers('the precision-recall curve', curve),
  ];
}
