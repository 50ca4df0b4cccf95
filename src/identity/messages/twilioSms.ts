import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { SmsTransport } from '../ports.js';

type TwilioConfig = NonNullable<Config['sms']['twilio']>;

const TIMEOUT_MILLISECONDS = 10_000;
const TWILIO_API = 'https://api.twilio.com';

/**
 * The client has no option for another base URL, only for other parts of the host name, so its HTTP client is told
 * where every request really goes. Loaded when the first message leaves: the package is large.
 */
async function createTwilioClient(config: TwilioConfig) {
  const { default: twilio } = await import('twilio');
  const base = config.apiBaseUrl?.replace(/\/+$/, '');

  class ConfiguredRequestClient extends twilio.RequestClient {
    override request<T>(options: Parameters<typeof twilio.RequestClient.prototype.request<T>>[0]) {
      const uri = base === undefined ? options.uri : options.uri.replace(TWILIO_API, base);
      return super.request<T>({ ...options, uri });
    }
  }

  return twilio(config.accountSid, config.authToken, {
    httpClient: new ConfiguredRequestClient({
      timeout: TIMEOUT_MILLISECONDS,
      autoRetry: true,
      maxRetries: 2,
    }),
    // Only the configuration decides where messages go, not TWILIO_EDGE and TWILIO_REGION of the environment.
    env: {},
  });
}

/** Twilio's error number, and never its text: that repeats the recipient's number. */
function describeFailure(error: unknown): string {
  const { status, code } = error as { status?: number; code?: number | string };
  return `status ${status ?? 'none'}, code ${code ?? 'none'}`;
}

/**
 * Twilio's Messages API. `from` is a number, or a messaging service when it starts with MG.
 * @throws AppError INTERNAL when the account SID cannot be one
 */
export function createTwilioTransport(config: TwilioConfig): SmsTransport {
  if (!config.accountSid.startsWith('AC')) {
    throw new AppError('INTERNAL', 'sms.twilio.accountSid must start with AC');
  }
  const sender = config.from.startsWith('MG') ? { messagingServiceSid: config.from } : { from: config.from };
  let client: ReturnType<typeof createTwilioClient> | null = null;
  return {
    async send({ to, text }) {
      client ??= createTwilioClient(config);
      try {
        await (await client).messages.create({ to, body: text, ...sender });
      } catch (error) {
        // No cause: the provider's error carries the request, and with it the number and the code.
        throw new AppError('UNAVAILABLE', `Twilio refused a message: ${describeFailure(error)}`);
      }
    },
  };
}
