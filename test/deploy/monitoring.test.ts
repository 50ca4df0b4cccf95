import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { createMetrics } from '../../src/observability/metrics.js';

interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
}

interface Board {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}

const rules = (parse(readFileSync('deploy/prometheus/fieldgate.rules.yml', 'utf8')) as Rules).groups.flatMap(
  (group) => group.rules,
);
const board = JSON.parse(readFileSync('deploy/grafana/fieldgate.json', 'utf8')) as Board;

const FUNCTIONS = new Set(['sum', 'rate', 'increase', 'max', 'by', 'histogram_quantile', 'up']);

/** Names of the series that an expression reads. */
function seriesOf(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*/g)].map(([name]) => name).filter((name) => !FUNCTIONS.has(name));
}

describe('alert rules and board', () => {
  let known: Set<string>;
  before(async () => {
    const metrics = createMetrics();
    metrics.watchPasswordQueue(() => ({ running: 0, waiting: 0 }));
    const described = await metrics.registry.getMetricsAsJSON();
    known = new Set(
      described.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]),
    );
  });

  it('read only series that Fieldgate exposes', () => {
    const expressions = [
      ...rules.map((rule) => rule.expr),
      ...board.panels.flatMap((panel) => panel.targets.map((target) => target.expr)),
    ];
    const unknown = expressions.flatMap(seriesOf).filter((name) => !known.has(name));
    expect(expressions).to.have.length.above(20);
    expect(unknown).to.deep.equal([]);
  });

  it('show the four numbers that say how authentication fares', () => {
    const text = JSON.stringify(board);
    for (const name of [
      'auth_token_requests_total',
      'auth_token_request_duration_seconds_bucket',
      'auth_failed_login_attempts_total',
      'auth_refresh_token_rotations_total',
    ]) {
      expect(text).to.contain(name);
    }
  });

  it('give every alert a name of its own and a summary, every panel an id of its own', () => {
    expect(new Set(rules.map((rule) => rule.alert)).size).to.equal(rules.length);
    for (const rule of rules) expect(rule.annotations.summary, rule.alert).to.not.equal('');
    expect(new Set(board.panels.map((panel) => panel.id)).size).to.equal(board.panels.length);
  });
});
