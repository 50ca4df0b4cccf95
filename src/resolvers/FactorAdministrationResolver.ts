import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { assertMayAdminister } from '../identity/escalation.js';
import { assertMayChangeFactors } from '../identity/factors/mayChange.js';
import { removeAllFactors, removeFactor } from '../identity/factors/removeFactor.js';
import { RemoveUserFactorsInput, RemoveUserFactorsPayload } from '../schema/factorManagement.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';

@Resolver()
export class FactorAdministrationResolver {
  @Requires({ action: 'manageFactors', subject: 'User', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => RemoveUserFactorsPayload, {
    nullable: true,
    description:
      'For somebody who has lost their factors: removes one or all. The owner is written to, and signs in with the password alone unless a level is demanded of them.',
  })
  removeUserFactors(
    @Arg('input', () => RemoveUserFactorsInput) { id, factorId }: RemoveUserFactorsInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RemoveUserFactorsPayload> {
    const { deps, principal, loaders, origin } = context;
    return answer({ removedCount: 0, user: null }, async () => {
      const owner = await loaders.users.load(fromGlobalId('User', id, ['id']));
      if (!owner) throw new AppError('NOT_FOUND', 'the user is gone');
      // What keeps an owner's last factor would be walked round else.
      if (owner._id === principal.id) {
        throw new AppError('FORBIDDEN', 'one is no administrator of the own factors', {
          publicMessage: 'Use `removeFactor` for your own account.',
        });
      }
      assertMayAdminister(deps, context.accessOf({ ...principal, token: null }), principal.id, owner);
      await assertMayChangeFactors(deps, { userId: principal.id ?? '', session: principal.session });
      const by = { actor: actorOf(context), origin };
      if (!factorId) return { removedCount: await removeAllFactors(deps, owner, by), user: owner };
      // What is demanded of the owner counts at the next sign-in, which leads to a new factor.
      await removeFactor(deps, owner, { factorId, demandedAcr: 'aal1' }, by);
      return { removedCount: 1, user: owner };
    });
  }
}
