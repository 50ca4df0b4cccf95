import { HOTP, Secret, TOTP } from 'otpauth';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { assertRoomForFactor } from './factors.js';

/** RFC 4226 §4, R6 recommends 160 bits. */
const SEED_BYTES = 20;
const PERIOD_SECONDS = 30;
/** Codes of the step before and after are taken (RFC 6238 §5.2). */
const WINDOW = 1;
const ENROLMENT_SECONDS = 900;
const CODE = /^\d{6}$/;

export interface TotpEnrolment {
  readonly factor: Factor;
  /** Base32, for who cannot scan. Shown once. */
  readonly seed: string;
  readonly otpauthUri: string;
  /** An SVG document. */
  readonly qrCodeSvg: string;
}

/**
 * Makes the seed of an authenticator app, which proves nothing until a code of it was shown.
 * @throws AppError LIMIT_EXCEEDED when the account has as many factors as it may have
 */
export async function beginTotpEnrolment(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'secrets'>,
  user: User,
  name: string,
): Promise<TotpEnrolment> {
  await assertRoomForFactor(deps, user._id);
  const id = uuidv7();
  const secret = new Secret({ size: SEED_BYTES });
  const factor = await deps.models.factors.create({
    _id: id,
    userId: user._id,
    kind: 'totp',
    name,
    secret: deps.secrets.encrypt(secret.base32, totpSeedContext(id)),
    enrolmentExpiresAt: new Date(deps.clock().getTime() + ENROLMENT_SECONDS * 1000),
  });
  // A colon ends the issuer's part of the label.
  const issuer = new URL(deps.config.issuer).hostname;
  const label = user.email ?? user.username ?? user.phone ?? user._id;
  const otpauthUri = new TOTP({ issuer, label, secret, digits: 6, period: PERIOD_SECONDS }).toString();
  // Loaded for the first code that is drawn, not with every start.
  const { toString: qrCode } = await import('qrcode');
  const { secret: _hidden, ...readable } = factor.toObject();
  return {
    factor: readable,
    seed: secret.base32,
    otpauthUri,
    qrCodeSvg: await qrCode(otpauthUri, { type: 'svg', errorCorrectionLevel: 'M' }),
  };
}

/** Whether the app was set up: the first code makes the factor one. @throws AppError CODE_INVALID */
export async function confirmTotpEnrolment(
  deps: Pick<Deps, 'clock' | 'models' | 'secrets'>,
  userId: string,
  factorId: string,
  code: string,
): Promise<Factor> {
  const now = deps.clock();
  const waiting = {
    _id: factorId,
    userId,
    kind: 'totp' as const,
    confirmedAt: null,
    enrolmentExpiresAt: { $gt: now },
  };
  const factor = await deps.models.factors.findOne(waiting).select('+secret').lean<Factor>();
  const step = factor && stepOf(deps, factor, code);
  if (step === null) throw new AppError('CODE_INVALID', 'no enrolment of the account has this code');
  const confirmed = await deps.models.factors
    .findOneAndUpdate(
      waiting,
      { $set: { confirmedAt: now, lastUsedAt: now, lastStep: step }, $unset: { enrolmentExpiresAt: 1 } },
      { returnDocument: 'after' },
    )
    .lean<Factor>();
  if (!confirmed) throw new AppError('CODE_INVALID', 'the enrolment was confirmed by somebody else');
  return confirmed;
}

/**
 * Whether the code is the app's, now. One conditional update: of any number of callers with one code exactly one
 * hears yes, and no code of an earlier step is taken after it.
 */
export async function verifyTotp(
  deps: Pick<Deps, 'clock' | 'models' | 'secrets'>,
  userId: string,
  factorId: string,
  code: string,
): Promise<boolean> {
  const factor = await deps.models.factors
    .findOne({ _id: factorId, userId, kind: 'totp', confirmedAt: { $ne: null } })
    .select('+secret')
    .lean<Factor>();
  const step = factor && stepOf(deps, factor, code);
  if (step === null) return false;
  const { modifiedCount } = await deps.models.factors.updateOne(
    { _id: factorId, confirmedAt: { $ne: null }, lastStep: { $lt: step } },
    { $set: { lastStep: step, lastUsedAt: deps.clock() } },
  );
  return modifiedCount === 1;
}

/** The time step that a code belongs to, if it is one of the seed's within the window. */
function stepOf(
  deps: Pick<Deps, 'clock' | 'secrets'>,
  { _id, secret }: Factor,
  typed: string,
): number | null {
  const code = typeof typed === 'string' ? typed.replace(/\s/g, '') : '';
  if (!secret || !CODE.test(code)) return null;
  const seed = Secret.fromBase32(deps.secrets.decrypt(secret, totpSeedContext(_id)));
  const counter = Math.floor(deps.clock().getTime() / 1000 / PERIOD_SECONDS);
  const delta = HOTP.validate({ token: code, secret: seed, digits: 6, counter, window: WINDOW });
  return delta === null ? null : counter + delta;
}

/** What the seed of a factor is bound to. */
export const totpSeedContext = (factorId: string): string => `factor:${factorId}`;
