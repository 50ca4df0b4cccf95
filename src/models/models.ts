import type { Connection, Model, mongo, Schema } from 'mongoose';
import { type AssistedRecovery, assistedRecoverySchema } from './assistedRecovery.js';
import { type AuditCheckpoint, auditCheckpointSchema } from './auditCheckpoint.js';
import { type AuditEvent, auditEventSchema } from './auditEvent.js';
import { type AuthorizationCode, authorizationCodeSchema } from './authorizationCode.js';
import { type Client, clientSchema } from './client.js';
import { type Confirmation, confirmationSchema } from './confirmation.js';
import { type Consent, consentSchema } from './consent.js';
import { type DataKey, dataKeySchema } from './dataKey.js';
import { decisionSchema, type KeptDecision } from './decision.js';
import { type DeviceAuthorization, deviceAuthorizationSchema } from './deviceAuthorization.js';
import { type Factor, factorSchema } from './factor.js';
import { type FailedAttempts, failedAttemptsSchema } from './failedAttempts.js';
import { type KnownDevice, knownDeviceSchema } from './knownDevice.js';
import { type LogoutDelivery, logoutDeliverySchema } from './logoutDelivery.js';
import { type OpaqueToken, opaqueTokenSchema } from './opaqueToken.js';
import { policySampleSchema, type StoredPolicySample } from './policySample.js';
import { type PolicyVersion, policyVersionSchema } from './policyVersion.js';
import { type RecoveryCode, recoveryCodeSchema } from './recoveryCode.js';
import { type RefreshFamily, refreshFamilySchema } from './refreshFamily.js';
import { type RegistrationToken, registrationTokenSchema } from './registrationToken.js';
import { type Revocation, revocationSchema } from './revocation.js';
import { type Role, roleSchema } from './role.js';
import { type Session, sessionSchema } from './session.js';
import { type SignInTransaction, signInTransactionSchema } from './signInTransaction.js';
import { type SigningKey, signingKeySchema } from './signingKey.js';
import { type SubjectKey, subjectKeySchema } from './subjectKey.js';
import { type TrustedDevice, trustedDeviceSchema } from './trustedDevice.js';
import { type User, userSchema } from './user.js';

/** All collections of one installation, bound to one connection. */
export interface Models {
  readonly users: Model<User>;
  readonly roles: Model<Role>;
  readonly clients: Model<Client>;
  readonly sessions: Model<Session>;
  readonly signInTransactions: Model<SignInTransaction>;
  readonly factors: Model<Factor>;
  readonly recoveryCodes: Model<RecoveryCode>;
  readonly trustedDevices: Model<TrustedDevice>;
  readonly assistedRecoveries: Model<AssistedRecovery>;
  readonly knownDevices: Model<KnownDevice>;
  readonly refreshFamilies: Model<RefreshFamily>;
  readonly authorizationCodes: Model<AuthorizationCode>;
  readonly deviceAuthorizations: Model<DeviceAuthorization>;
  readonly consents: Model<Consent>;
  readonly dataKeys: Model<DataKey>;
  readonly signingKeys: Model<SigningKey>;
  readonly auditEvents: Model<AuditEvent>;
  readonly auditCheckpoints: Model<AuditCheckpoint>;
  readonly subjectKeys: Model<SubjectKey>;
  readonly confirmations: Model<Confirmation>;
  readonly failedAttempts: Model<FailedAttempts>;
  readonly opaqueTokens: Model<OpaqueToken>;
  readonly registrationTokens: Model<RegistrationToken>;
  readonly logoutDeliveries: Model<LogoutDelivery>;
  readonly revocations: Model<Revocation>;
  readonly policyVersions: Model<PolicyVersion>;
  readonly policySamples: Model<StoredPolicySample>;
  readonly decisions: Model<KeptDecision>;
}

/**
 * Binds the schemas to a connection; `createdAt` and `updatedAt` come from `now`.
 * Builds no index: `buildIndexes` does, once, at start.
 */
export function createModels(connection: Connection, now: () => Date): Models {
  // Timestamps are those of a model's base. The schemas could say it too, but each connection would need copies of them.
  const base = Object.create(connection.base, { now: { value: now } }) as typeof connection.base;
  const bind = <T>(name: string, schema: Schema<T>): Model<T> =>
    Object.assign(connection.model<T>(name, schema), { base });
  return {
    users: bind('User', userSchema),
    roles: bind('Role', roleSchema),
    clients: bind('Client', clientSchema),
    sessions: bind('Session', sessionSchema),
    signInTransactions: bind('SignInTransaction', signInTransactionSchema),
    factors: bind('Factor', factorSchema),
    recoveryCodes: bind('RecoveryCode', recoveryCodeSchema),
    trustedDevices: bind('TrustedDevice', trustedDeviceSchema),
    assistedRecoveries: bind('AssistedRecovery', assistedRecoverySchema),
    knownDevices: bind('KnownDevice', knownDeviceSchema),
    refreshFamilies: bind('RefreshFamily', refreshFamilySchema),
    authorizationCodes: bind('AuthorizationCode', authorizationCodeSchema),
    deviceAuthorizations: bind('DeviceAuthorization', deviceAuthorizationSchema),
    consents: bind('Consent', consentSchema),
    dataKeys: bind('DataKey', dataKeySchema),
    signingKeys: bind('SigningKey', signingKeySchema),
    auditEvents: bind('AuditEvent', auditEventSchema),
    auditCheckpoints: bind('AuditCheckpoint', auditCheckpointSchema),
    subjectKeys: bind('SubjectKey', subjectKeySchema),
    confirmations: bind('Confirmation', confirmationSchema),
    failedAttempts: bind('FailedAttempts', failedAttemptsSchema),
    opaqueTokens: bind('OpaqueToken', opaqueTokenSchema),
    registrationTokens: bind('RegistrationToken', registrationTokenSchema),
    logoutDeliveries: bind('LogoutDelivery', logoutDeliverySchema),
    revocations: bind('Revocation', revocationSchema),
    policyVersions: bind('PolicyVersion', policyVersionSchema),
    policySamples: bind('PolicySample', policySampleSchema),
    decisions: bind('Decision', decisionSchema),
  };
}

/**
 * Declares every index of every model to the server; existing ones are left as they are. One command for each
 * collection, which makes the collection too, and one after the other: side by side each would open a connection of
 * its own, which takes longer than they do.
 */
export async function buildIndexes(models: Models): Promise<void> {
  for (const model of Object.values(models) as Model<unknown>[]) {
    const indexes = model.schema
      .indexes()
      .map(([key, options]) => ({ key, ...options }) as mongo.IndexDescription);
    if (indexes.length > 0) await model.collection.createIndexes(indexes);
    else await model.createCollection();
  }
}
