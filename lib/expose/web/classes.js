// A guardrail of several classes: which of them is taken for which.

import {h} from './dom.js';
import {count, countNode, percent} from './format.js';

const kappaText = kappa => (kappa?.value == null ? '' : `, kappa ${kappa.value.toFixed(2)}`);

export function classMatrix(window) {
  const matrix = window?.confusion_matrix;
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
