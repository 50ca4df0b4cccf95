import type { GraphQLResolveInfo } from 'graphql';
import type { Access } from '../../policies/decision.js';
import type { Asked, DecisionWatch } from '../guard/asked.js';
import { type DescribedDecision, describe } from './describe.js';

/** An answer explains so many decisions; what is beyond is counted. */
const MOST_EXPLAINED = 1000;

export interface PlacedDecision extends DescribedDecision {
  /** Where in the answer. */
  readonly path: readonly (string | number)[];
  /** Under which a refusal can be looked up. */
  readonly decisionId: string | null;
}

/**
 * Notes every decision of a request, for an answer that explains itself. Of objects out of sight it says nothing: to
 * the caller they do not exist.
 */
export class DecisionRecorder implements DecisionWatch {
  readonly #noted: { asked: Asked; access: Access; decisionId: string | null }[] = [];
  #leftOut = 0;

  decided(asked: Asked, _decision: unknown, access: Access, decisionId: string | null): void {
    if (this.#noted.length < MOST_EXPLAINED) this.#noted.push({ asked, access, decisionId });
    else this.#leftOut += 1;
  }

  hidden(): void {
    // Nothing is said of what is not there.
  }

  /** The explanations, in the order of the decisions. */
  explain(): { decisions: readonly PlacedDecision[]; leftOut: number } {
    const decisions = this.#noted.map(({ asked, access, decisionId }) => ({
      path: asked.info === null ? [] : pathOf(asked.info),
      ...describe(asked, access.explain(asked.action, asked.subject, asked.object, asked.field)),
      decisionId,
    }));
    return { decisions, leftOut: this.#leftOut };
  }
}

/** Where in the answer a field stands, outermost first. */
export function pathOf(info: Pick<GraphQLResolveInfo, 'path'>): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at !== undefined; at = at.prev)
    path.push(at.key);
  return path.reverse();
}
