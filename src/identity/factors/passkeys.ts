import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  VerifiedAuthenticationResponse,
  VerifiedRegistrationResponse,
} from '@simplewebauthn/server';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { assertRoomForFactor } from './factors.js';

type PasskeyDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'models'>;

/** Loaded when the first passkey is asked for: it takes a sixth of the time in which a server starts. */
const webauthn = () => import('@simplewebauthn/server');

/** How long a browser may take to ask its authenticator. */
const CHALLENGE_SECONDS = 300;

/** What a WebAuthn answer proved. */
export interface PasskeyProof {
  readonly factor: Factor;
  /** By a PIN, a finger, a face: then the key alone is two factors (NIST SP 800-63B §5.1.9). */
  readonly userVerified: boolean;
}

/** The relying party: the host of the issuer, so that one passkey serves all apps that sign in there. */
function relyingParty(config: Deps['config']): { id: string; name: string; origins: string[] } {
  const { hostname, host, origin } = new URL(config.issuer);
  return { id: hostname, name: host, origins: [origin, ...config.factors.webauthnOrigins] };
}

const challengeKey = (challenge: string) => `webauthn:${challenge}`;

/**
 * What `navigator.credentials.create` needs. The challenge is bound to the account and works once.
 * @throws AppError LIMIT_EXCEEDED
 */
export async function beginPasskeyEnrolment(
  deps: PasskeyDeps,
  user: User,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  await assertRoomForFactor(deps, user._id);
  const party = relyingParty(deps.config);
  const known = await passkeysOf(deps, user._id);
  const options = await (await webauthn()).generateRegistrationOptions({
    rpID: party.id,
    rpName: party.name,
    userID: new TextEncoder().encode(user._id),
    userName: user.email ?? user.username ?? user.phone ?? user._id,
    userDisplayName: user.name ?? '',
    attestationType: 'none',
    timeout: CHALLENGE_SECONDS * 1000,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
  await deps.ephemeral.set(challengeKey(options.challenge), `create:${user._id}`, CHALLENGE_SECONDS);
  return options;
}

/** @throws AppError CODE_INVALID when the answer proves nothing, CONFLICT when the key is known already */
export async function confirmPasskeyEnrolment(
  deps: PasskeyDeps,
  userId: string,
  name: string,
  response: RegistrationResponseJSON,
): Promise<Factor> {
  const party = relyingParty(deps.config);
  let verified: VerifiedRegistrationResponse;
  try {
    verified = await (await webauthn()).verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(deps, challenge, `create:${userId}`),
      expectedOrigin: party.origins,
      expectedRPID: party.id,
      requireUserVerification: false,
    });
  } catch (cause) {
    throw new AppError('CODE_INVALID', 'the registration answer proves nothing', { cause });
  }
  if (!verified.verified) throw new AppError('CODE_INVALID', 'the registration answer does not verify');
  const { credential, credentialBackedUp } = verified.registrationInfo;
  try {
    const factor = await deps.models.factors.create({
      _id: uuidv7(),
      userId,
      kind: 'webauthn',
      name,
      confirmedAt: deps.clock(),
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      signatureCounter: credential.counter,
      transports: credential.transports ?? [],
      backedUp: credentialBackedUp,
      discoverable: isDiscoverable(response),
    });
    const { secret: _none, ...readable } = factor.toObject();
    return readable;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new AppError('CONFLICT', 'this key is registered already', {
      publicMessage: 'This key is registered already.',
    });
  }
}

/**
 * What `navigator.credentials.get` needs: of one account its keys, of nobody in particular none, so that the browser
 * offers the passkeys that it has for this site (conditional UI).
 */
export async function beginPasskeySignIn(
  deps: PasskeyDeps,
  userId: string | null,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const known = userId === null ? [] : await passkeysOf(deps, userId);
  const options = await (await webauthn()).generateAuthenticationOptions({
    rpID: relyingParty(deps.config).id,
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: userId === null ? 'required' : 'preferred',
    ...(userId === null ? {} : { allowCredentials: known.map(descriptorOf) }),
  });
  await deps.ephemeral.set(challengeKey(options.challenge), `get:${userId ?? ''}`, CHALLENGE_SECONDS);
  return options;
}

/**
 * Verifies the answer to a challenge of `beginPasskeySignIn` for the same account (null: whoever the key belongs to,
 * who then must have been verified by the authenticator). A counter that does not grow is the sign of a cloned key.
 * @throws AppError CODE_INVALID
 */
export async function verifyPasskey(
  deps: PasskeyDeps,
  userId: string | null,
  response: AuthenticationResponseJSON,
): Promise<PasskeyProof> {
  const factor = await deps.models.factors
    .findOne({
      credentialId: typeof response?.id === 'string' ? response.id : '',
      kind: 'webauthn',
      ...(userId === null ? {} : { userId }),
    })
    .lean<Factor>();
  if (!factor?.credentialId || !factor.publicKey) throw new AppError('CODE_INVALID', 'no such key');
  const party = relyingParty(deps.config);
  let verified: VerifiedAuthenticationResponse;
  try {
    verified = await (await webauthn()).verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(deps, challenge, `get:${userId ?? ''}`),
      expectedOrigin: party.origins,
      expectedRPID: party.id,
      requireUserVerification: userId === null,
      credential: {
        id: factor.credentialId,
        publicKey: new Uint8Array(Buffer.from(factor.publicKey, 'base64url')),
        // Judged below, in the same step that stores the new one.
        counter: 0,
      },
    });
  } catch (cause) {
    throw new AppError('CODE_INVALID', `the answer of key ${factor._id} proves nothing`, { cause });
  }
  if (!verified.verified)
    throw new AppError('CODE_INVALID', `the answer of key ${factor._id} does not verify`);
  const { newCounter, userVerified, credentialBackedUp } = verified.authenticationInfo;
  await advanceCounter(deps, factor, newCounter, credentialBackedUp);
  return { factor, userVerified };
}

/** WebAuthn Level 3 §6.1.1: authenticators without a counter send 0 for ever. */
async function advanceCounter(
  deps: PasskeyDeps,
  factor: Factor,
  counter: number,
  backedUp: boolean,
): Promise<void> {
  const grown = counter === 0 ? { signatureCounter: 0 } : { signatureCounter: { $lt: counter } };
  const { matchedCount } = await deps.models.factors.updateOne(
    { _id: factor._id, ...grown },
    { $set: { signatureCounter: counter, lastUsedAt: deps.clock(), backedUp } },
  );
  if (matchedCount === 0)
    throw new AppError('CODE_INVALID', `key ${factor._id} may be a clone: its counter stands`);
}

/** Uses up a challenge: true once, and only for what it was made for. */
async function takeChallenge(deps: PasskeyDeps, challenge: string, purpose: string): Promise<boolean> {
  const key = challengeKey(challenge);
  if ((await deps.ephemeral.get(key)) !== purpose) return false;
  if (!(await deps.ephemeral.setIfAbsent(`${key}:used`, '1', CHALLENGE_SECONDS))) return false;
  await deps.ephemeral.delete(key);
  return true;
}

function passkeysOf(deps: Pick<Deps, 'models'>, userId: string): Promise<Factor[]> {
  return deps.models.factors.find({ userId, kind: 'webauthn' }).lean<Factor[]>();
}

function descriptorOf({ credentialId, transports }: Factor): { id: string; transports: string[] } {
  return { id: credentialId ?? '', transports: transports ?? [] };
}

/** The `credProps` extension tells; a browser that does not say is taken for one that made no such key. */
function isDiscoverable({ clientExtensionResults }: RegistrationResponseJSON): boolean {
  return clientExtensionResults?.credProps?.rk === true;
}
