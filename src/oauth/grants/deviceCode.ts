import { type DeviceWait, pollDevice } from '../../identity/device/pollDevice.js';
import { DeviceError, type DeviceErrorName } from '../errors.js';
import type { Grant } from './grant.js';

/** RFC 8628 §3.5 */
const ANSWERS: Record<DeviceWait, readonly [DeviceErrorName, string]> = {
  pending: ['authorization_pending', 'nobody has decided yet'],
  tooSoon: ['slow_down', 'the device polls too often: from now on it waits 5 seconds longer'],
  refused: ['access_denied', 'the person refused'],
  expired: ['expired_token', 'the device code has expired'],
};

/** RFC 8628 §3.4: a device asks again and again whether its person has decided. */
export const deviceCodeGrant: Grant = {
  type: 'urn:ietf:params:oauth:grant-type:device_code',
  limit: 'deviceCode',
  async exchange({ deps, client, parameters, origin, sender }) {
    const deviceCode = parameters.require('device_code');
    const answer = await pollDevice(deps, { deviceCode, client, sender }, origin);
    if ('tokens' in answer) return answer.tokens;
    throw new DeviceError(...ANSWERS[answer.wait]);
  },
};
