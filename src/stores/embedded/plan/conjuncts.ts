import type { Predicate, QueryNode } from '../query/ast.js';

/** One way for a filter to hold: all of these tests. What is not listed only narrows further. */
export type Conjunct = readonly { readonly path: string; readonly test: Predicate }[];

const MOST_CONJUNCTS = 64;

/** The filter as alternatives: every document that matches the filter satisfies at least one of them. */
export function conjunctsOf(node: QueryNode): readonly Conjunct[] {
  switch (node.kind) {
    case 'leaf':
      return leafConjuncts(node.path, node.test);
    case 'or':
      return bounded(node.nodes.flatMap(conjunctsOf));
    case 'and':
      return node.nodes.map(conjunctsOf).reduce(product, [[]]);
    default:
      return [[]];
  }
}

// Too many alternatives: knowing nothing is also true.
const bounded = (conjuncts: readonly Conjunct[]) => (conjuncts.length > MOST_CONJUNCTS ? [[]] : conjuncts);

function product(left: readonly Conjunct[], right: readonly Conjunct[]): readonly Conjunct[] {
  if (left.length * right.length > MOST_CONJUNCTS) return left;
  return left.flatMap((some) => right.map((others) => [...some, ...others]));
}

function leafConjuncts(path: string, test: Predicate): readonly Conjunct[] {
  if (test.op !== '$elemMatch') return [[{ path, test }]];
  // What is asked of an element that is itself an array is in no index: there it is one value, without its positions.
  if (test.ofValues && asksOfArrays(test.element)) return [[]];
  const prefix = (inner: string) => (inner === '' ? path : `${path}.${inner}`);
  return conjunctsOf(test.element).map((conjunct) =>
    conjunct
      .filter((entry) => !/^\d/.test(entry.path))
      .map((entry) => ({ path: prefix(entry.path), test: entry.test })),
  );
}

function asksOfArrays(node: QueryNode): boolean {
  switch (node.kind) {
    case 'leaf':
      return node.test.op === '$elemMatch';
    case 'and':
    case 'or':
      return node.nodes.some(asksOfArrays);
    default:
      return false;
  }
}
