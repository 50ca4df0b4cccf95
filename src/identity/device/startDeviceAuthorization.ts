import { hash, randomBytes } from 'node:crypto';
import type { Client } from '../../models/client.js';
import type { DeviceAuthorization } from '../../models/deviceAuthorization.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { digestUserCode, makeUserCode, showUserCode } from './userCode.js';

/** Long enough to find the phone and the password. */
export const DEVICE_CODE_TTL_SECONDS = 600;
/** RFC 8628 §3.2: what a client assumes that is told nothing. */
export const POLL_INTERVAL_SECONDS = 5;
const CODE_BYTES = 32;
const CODE_FORM = /^[A-Za-z0-9_-]{43}$/;
/** How long after its end a code is still known, so that its device is told that it came too late. */
const MEMORY_SECONDS = 3600;
/** Two devices draw the same letters once in billions of times. */
const DRAWS = 5;

export interface DeviceRequest {
  readonly client: Client;
  readonly scopes: readonly string[];
  /** RFC 8707. */
  readonly resources: readonly string[];
  /** RFC 9396. */
  readonly authorizationDetails?: readonly Record<string, unknown>[];
}

/** What the device is told (RFC 8628 §3.2). */
export interface StartedDeviceAuthorization {
  readonly deviceCode: string;
  /** As the device shows it. */
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** Begins to wait for a person. The device code has 256 random bits; of both codes only digests are stored. */
export async function startDeviceAuthorization(
  deps: Pick<Deps, 'audit' | 'clock' | 'models' | 'secrets'>,
  request: DeviceRequest,
  origin: RequestOrigin,
): Promise<StartedDeviceAuthorization> {
  const { client, scopes, resources, authorizationDetails = [] } = request;
  const deviceCode = randomBytes(CODE_BYTES).toString('base64url');
  const now = deps.clock().getTime();
  const userCode = await draw(deps, {
    _id: digestDeviceCode(deviceCode),
    clientId: client._id,
    scopes: [...scopes],
    resources: [...resources],
    ...(authorizationDetails.length > 0 && { authorizationDetails: [...authorizationDetails] }),
    address: origin.address,
    userAgent: origin.userAgent,
    status: 'pending',
    intervalSeconds: POLL_INTERVAL_SECONDS,
    expiresAt: new Date(now + DEVICE_CODE_TTL_SECONDS * 1000),
    removeAt: new Date(now + (DEVICE_CODE_TTL_SECONDS + MEMORY_SECONDS) * 1000),
  });
  deps.audit.recordSoon({
    action: 'device.start',
    outcome: 'success',
    actor: { kind: 'client', id: client._id, clientId: client._id },
    origin,
    objectType: 'Client',
    objectId: client._id,
  });
  return {
    deviceCode,
    userCode: showUserCode(userCode),
    expiresInSeconds: DEVICE_CODE_TTL_SECONDS,
    intervalSeconds: POLL_INTERVAL_SECONDS,
  };
}

/** What is stored of a device code; null for what cannot be one. */
export function idOfDeviceCode(deviceCode: string): string | null {
  return CODE_FORM.test(deviceCode) ? digestDeviceCode(deviceCode) : null;
}

async function draw(
  deps: Pick<Deps, 'models' | 'secrets'>,
  document: Omit<DeviceAuthorization, 'userCodeHash' | 'createdAt' | 'updatedAt'>,
): Promise<string> {
  for (let left = DRAWS; ; left -= 1) {
    const userCode = makeUserCode();
    try {
      await deps.models.deviceAuthorizations.create({
        ...document,
        userCodeHash: digestUserCode(deps, userCode),
      });
      return userCode;
    } catch (error) {
      if (!isDuplicateKey(error) || left <= 1) throw error;
    }
  }
}

function digestDeviceCode(deviceCode: string): string {
  return hash('sha256', deviceCode, 'base64url');
}
