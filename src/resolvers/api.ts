import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import type { Catalog } from '../policies/catalog.js';
import { AccessQuestionResolver } from './AccessQuestionResolver.js';
import { AccountDataResolver } from './AccountDataResolver.js';
import { AssistedRecoveryResolver } from './AssistedRecoveryResolver.js';
import { AuditEventResolver } from './AuditEventResolver.js';
import { ClientAdministrationResolver } from './ClientAdministrationResolver.js';
import { ClientResolver } from './ClientResolver.js';
import { ConnectedAppResolver } from './ConnectedAppResolver.js';
import { DecisionResolver } from './DecisionResolver.js';
import { FactorAdministrationResolver } from './FactorAdministrationResolver.js';
import { FactorResolver } from './FactorResolver.js';
import { guardSchema } from './guard/guardSchema.js';
import { NodeResolver } from './NodeResolver.js';
import { PasskeyResolver } from './PasskeyResolver.js';
import { PasswordResolver } from './PasswordResolver.js';
import { PolicyPublicationResolver } from './PolicyPublicationResolver.js';
import { PolicySimulationResolver } from './PolicySimulationResolver.js';
import { PolicyVersionResolver } from './PolicyVersionResolver.js';
import { ProfileResolver } from './ProfileResolver.js';
import { RevocationResolver } from './RevocationResolver.js';
import { RoleAdministrationResolver } from './RoleAdministrationResolver.js';
import { PolicyRuleResolver, RoleResolver } from './RoleResolver.js';
import { SecurityEventResolver } from './SecurityEventResolver.js';
import { RefreshFamilyResolver, SessionResolver } from './SessionResolver.js';
import { SignInResolver } from './SignInResolver.js';
import { SignUpResolver } from './SignUpResolver.js';
import { UserAdministrationResolver } from './UserAdministrationResolver.js';
import { UserResolver } from './UserResolver.js';

/** The GraphQL API: what it answers with, and what policies may say about it. */
export interface Api {
  readonly schema: GraphQLSchema;
  readonly catalog: Catalog;
}

let built: Api | undefined;

/**
 * The executable schema with the guard around every field. One for all apps of a process: what belongs to an app comes
 * with the context of a request.
 * @throws Error that lists every type, field and argument that the policy does not cover
 */
export function buildApi(): Api {
  built ??= guardSchema(buildExecutableSchema());
  return built;
}

/** The executable schema, not guarded yet. Validation is GraphQL's and the use cases': class-validator stays out. */
function buildExecutableSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      UserResolver,
      NodeResolver,
      RoleResolver,
      PolicyRuleResolver,
      ClientResolver,
      SessionResolver,
      RefreshFamilyResolver,
      AuditEventResolver,
      AssistedRecoveryResolver,
      SecurityEventResolver,
      DecisionResolver,
      AccessQuestionResolver,
      SignUpResolver,
      SignInResolver,
      PasskeyResolver,
      PasswordResolver,
      ProfileResolver,
      AccountDataResolver,
      ConnectedAppResolver,
      FactorResolver,
      FactorAdministrationResolver,
      RevocationResolver,
      UserAdministrationResolver,
      RoleAdministrationResolver,
      PolicyVersionResolver,
      PolicyPublicationResolver,
      PolicySimulationResolver,
      ClientAdministrationResolver,
    ],
    validate: false,
    // Done again, and at once, by the server that is given the schema; here it is a whole introspection.
    skipCheck: true,
  });
}
