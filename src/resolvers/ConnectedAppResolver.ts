import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { revokeConsent } from '../identity/consents.js';
import type { Consent } from '../models/consent.js';
import type { User as StoredUser } from '../models/user.js';
import { ConnectedApp, RevokeConsentInput, RevokeConsentPayload } from '../schema/ConnectedApp.js';
import { Requires } from '../schema/governance.js';
import { User } from '../schema/User.js';
import { viewerOf } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';

@Resolver(() => User)
export class ConnectedAppResolver {
  @FieldResolver(() => [ConnectedApp], {
    nullable: true,
    description: 'The apps that the user lets act for them, the latest decision first.',
  })
  async connectedApps(
    @Root() user: StoredUser,
    @Ctx() { deps, loaders }: GraphQLContext,
  ): Promise<ConnectedApp[]> {
    const consents = await deps.models.consents
      .find({ userId: user._id })
      .sort({ grantedAt: -1 })
      .lean<Consent[]>();
    const clients = await loaders.clients.loadMany(consents.map(({ clientId }) => clientId));
    const { scopes: known } = deps.policy.current();
    return consents.flatMap(({ clientId, scopes, refusedClaims = [], grantedAt }, index) => {
      const client = clients[index];
      if (client instanceof Error) throw client;
      if (!client) return [];
      const granted = scopes.map((name) => ({ name, description: known.get(name)?.description ?? name }));
      const { name, logoUri = null, clientUri = null } = client;
      return { clientId, name, logoUri, clientUri, scopes: granted, refusedClaims, grantedAt };
    });
  }

  @Requires({ action: 'revokeConsent', subject: 'User', target: { from: 'viewer' } })
  @Mutation(() => RevokeConsentPayload, {
    nullable: true,
    description:
      'Takes back what the viewer lets an app do, with all the tokens that it holds for the viewer.',
  })
  revokeConsent(
    @Arg('input', () => RevokeConsentInput) { clientId }: RevokeConsentInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RevokeConsentPayload> {
    const viewer = viewerOf(context);
    return answer({ revoked: false, user: null }, async () => {
      const target = { userId: viewer._id, clientId };
      const revoked = await revokeConsent(context.deps, target, actorOf(context), context.origin);
      return { revoked, user: viewer };
    });
  }
}
