// A guardrail of several classes: which of them is taken for which.

import {h} from './dom.js';
import {count, countNode, percent} from './format.js';

// The detailed window behind `labels`, of one version and variant.
const detailed = (windows, one, labels) =>
  (windows ?? []).find(
    w =>
      w.confusion_matrix &&
      w.window === labels.window &&
      w.view === labels.view &&
      w.model_version === one.model_version &&
      (w.variant ?? 'live') === (one.variant ?? 'live'),
  );

const kappaText = kappa => (kappa?.value == null ? '' : `, kappa ${kappa.value.toFixed(2)}`);

export function classMatrix(windows, one, labels) {
  const matrix = detailed(windows, one, labels)?.confusion_matrix;
  if (!matrix?.classes.length) return null;
  const {classes, counts, folded, accuracy, cohen_kappa: kappa} = matrix;
  return [
    h('h3', {id: 'classes'}, 'True class by predicted class'),
    h(
      'table.confusion.classes',
      {'aria-labelledby': 'classes'},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('td', {}, 'true \\ predicted'),
          classes.map(name => h('th', {scope: 'col'}, name)),
        ),
      ),
      h(
        'tbody',
        {},
        classes.map((name, row) =>
          h(
            'tr',
            {'data-key': name},
            h('th', {scope: 'row'}, name),
            counts[row].map((n, column) =>
              h(`td.${row === column ? 'right' : n ? 'wrong' : 'none'}`, {}, countNode(n, 'labeled')),
            ),
          ),
        ),
      ),
    ),
    h(
      'p.caption',
      {},
      accuracy?.value != null && `${percent(accuracy.value)} right`,
      kappaText(kappa),
      folded > 0 && `; ${count(folded)} labels name or meet a class without a place of its own`,
    ),
  ];
}
