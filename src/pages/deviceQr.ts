import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import { readUserCode, showUserCode } from '../identity/device/userCode.js';

/** Without its extension: `.svg` and `.png`. */
export const QR_PATH = '/device/qr';

/** Four modules of quiet around the code (ISO/IEC 18004), and enough repair for a scratched screen. */
const LOOK = { errorCorrectionLevel: 'M', margin: 4 } as const;
const PIXELS_PER_MODULE = 8;

/** Loaded for the first code that is drawn: most installations draw none. */
const qrcode = () => import('qrcode');

/**
 * `/device/qr.svg?user_code=…` and `.png`: the address that a device shows for a phone to read (RFC 8628 §3.3.1). They
 * draw any well-formed code and know of no device, so nothing can be tried out with them.
 */
export function addDeviceQr(app: FastifyInstance, { config }: Pick<Deps, 'config'>): void {
  const options = { schema: { hide: true } };
  const addressFor = (request: FastifyRequest): string => {
    const { user_code: given } = request.query as Record<string, unknown>;
    const code = typeof given === 'string' ? readUserCode(given) : null;
    if (code === null) throw new AppError('NOT_FOUND', 'no user code in the address');
    return `${config.issuer}/device?user_code=${showUserCode(code)}`;
  };

  app.get(`${QR_PATH}.svg`, options, async (request, reply) => {
    const address = addressFor(request);
    const { toString } = await qrcode();
    return sendPicture(reply, 'image/svg+xml', await toString(address, { ...LOOK, type: 'svg' }));
  });
  app.get(`${QR_PATH}.png`, options, async (request, reply) => {
    const address = addressFor(request);
    const { toBuffer } = await qrcode();
    const look = { ...LOOK, type: 'png', scale: PIXELS_PER_MODULE } as const;
    return sendPicture(reply, 'image/png', await toBuffer(address, look));
  });
}

function sendPicture(reply: FastifyReply, type: string, picture: string | Buffer): FastifyReply {
  return reply
    .headers({
      'cache-control': 'no-store',
      // The page of a device that is a browser, from wherever it was loaded, may show it.
      'cross-origin-resource-policy': 'cross-origin',
    })
    .type(type)
    .send(picture);
}
