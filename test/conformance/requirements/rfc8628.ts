import { notApplicable, type Specification, shown } from '../requirement.js';
import { attackOnDevice, device, OF_THE_CLIENT, TLS } from '../suites.js';

const CODES = device('answers with codes, where to go, how long and how often (RFC 8628 §3.2)');
const FLOW = device('leads through code, sign-in and confirmation to tokens');
const PREFILLED = device(
  'prefills the code of verification_uri_complete and still asks a person twice (RFC 8628 §3.3.1)',
);
const SLOW = device(
  'slows a device down that polls too often, by 5 seconds each time and for good (RFC 8628 §3.5)',
);
const FORM = device('takes a form by POST, each parameter once, and ignores others (RFC 8628 §3.1)');
const GUESSES =
  'brute force of user codes (RFC 8628 §5.1) stops one address after 40 codes in 15 minutes, and lets it go on after them';

export const rfc8628: Specification = {
  name: 'RFC 8628',
  title: 'Device Authorization Grant',
  url: 'https://www.rfc-editor.org/rfc/rfc8628',
  compared: "the RFC Editor's last source of it",
  requirements: [
    shown('3.1', 'take a form by POST, with the client named', FORM),
    shown(
      '3.1',
      'authenticate clients as the token endpoint does',
      device('refuses a client without the grant, a wrong secret, and a scope beyond the client'),
    ),
    shown('3.1', 'ignore parameters that it does not know, and refuse one that comes twice', FORM),
    shown('3.1', 'take a parameter without a value as left out', FORM),
    shown('3.1', 'serve TLS', TLS),
    shown('3.2', 'answer with device code, user code, address and lifetime', CODES),
    shown('3.2', 'keep the address without the code short enough to be typed, and without the code', CODES),
    shown('3.3', 'have the person sign in and confirm before anything is granted', FLOW),
    shown('3.3.1', 'show the code for a check where it came with the address', PREFILLED),
    shown(
      '3.4',
      'take the grant with its device code from the client that it was issued to',
      attackOnDevice('refuses the device code of another client (RFC 8628 §3.4), and leaves it to its own'),
    ),
    shown(
      '3.4',
      'authenticate a confidential client',
      device('refuses a client without the grant, a wrong secret, and a scope beyond the client'),
    ),
    shown('3.5', 'answer with tokens once the person has allowed it', FLOW),
    shown(
      '3.5',
      'answer authorization_pending as long as nobody has decided',
      FLOW,
      device('costs one read and no write while nobody has decided'),
    ),
    shown(
      '3.5',
      'answer slow_down to a device that asks too often, and let it wait 5 seconds longer from then on',
      SLOW,
    ),
    shown(
      '3.5',
      'answer access_denied when the person refused',
      device('tells the device that the person refused: access_denied (RFC 8628 §3.5)'),
    ),
    shown(
      '3.5',
      'answer expired_token when the time is over',
      device('ends a device code after its time: expired_token (RFC 8628 §3.5)'),
    ),
    notApplicable('3.2', 'wait 5 seconds where no interval is named', OF_THE_CLIENT),
    notApplicable('3.3.1', 'show the code also where the address holds it', OF_THE_CLIENT),
    notApplicable('3.5', 'wait between two questions', OF_THE_CLIENT),
    notApplicable('3.5', 'stop at any other error, and slow down where no answer comes', OF_THE_CLIENT),
    shown('4', 'be found by discovery', device('is found in both discovery documents (RFC 8628 §4)')),
    shown(
      '5.1',
      'bound how often a user code may be guessed',
      GUESSES,
      'brute force of user codes (RFC 8628 §5.1) stops one account, whatever its addresses and sessions, also for the right code',
    ),
    shown(
      '5.2',
      'make device codes that nobody can guess',
      attackOnDevice('refuses codes that are guessed, empty, long or of another alphabet, all alike'),
    ),
    shown('5.4', 'tell the person which app and device they let in', FLOW),
    shown(
      '6.1',
      'read user codes without regard to case and separators',
      'a user code is read back without regard to case and separators (RFC 8628 §6.1)',
    ),
  ],
};
