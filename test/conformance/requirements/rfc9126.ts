import { deviates, notApplicable, type Specification, shown } from '../requirement.js';
import { OF_THE_CLIENT, par, parReference, privateKeyJwt, requestObject, TLS } from '../suites.js';

export const rfc9126: Specification = {
  name: 'RFC 9126',
  title: 'Pushed Authorization Requests',
  url: 'https://www.rfc-editor.org/rfc/rfc9126',
  compared: 'its published source',
  requirements: [
    shown('2', 'serve TLS', TLS),
    shown(
      '2',
      'authenticate the client as the token endpoint does',
      par('authenticates the client as the token endpoint does (RFC 9126 §2)'),
    ),
    shown(
      '2',
      'take assertions of clients for the issuer, the token endpoint or the endpoint itself',
      privateKeyJwt(
        'takes assertions for the issuer, the token endpoint and the endpoint itself at pushed requests (RFC 9126 §2)',
      ),
    ),
    deviates(
      '2.1',
      'have the client name itself in the request',
      'not where HTTP Basic names it already: an absent client_id is the one that is proven, another one is refused',
      par('needs no client_id beside HTTP Basic, and refuses that of another client (RFC 9126 §2.1)'),
    ),
    shown(
      '2.3',
      'refuse with invalid_request what a client pushes unsigned that must sign',
      requestObject('lets a client that must sign do nothing else (RFC 9101 §10.5)'),
    ),
    shown(
      '2.1',
      'refuse a pushed request that is itself a reference',
      par('takes no request_uri (RFC 9126 §2.1)'),
    ),
    shown(
      '2.1',
      'check it as any other authorization request',
      par('checks the request as the front channel would, at once (RFC 9126 §2.1)'),
    ),
    shown(
      '2.1',
      'refuse the client_id of another client than the one that is proven',
      par('needs no client_id beside HTTP Basic, and refuses that of another client (RFC 9126 §2.1)'),
    ),
    shown(
      '2.2',
      'answer 201 with reference and lifetime, not to be cached',
      par('answers 201 with a reference, uncached, that leads through the code flow (RFC 9126 §2.2)'),
    ),
    shown(
      '2.2',
      'make references that nobody can guess',
      parReference('cannot be guessed, nor reach anything else that is kept'),
    ),
    shown(
      '2.2',
      'bind the reference to the client that pushed',
      parReference('is worth nothing to another client, which does not use it up (RFC 9126 §2.2, §7.1)'),
    ),
    shown(
      '2.2',
      'let it live for as long as it says',
      parReference('lives for as long as it says (RFC 9126 §2.2)'),
    ),
    shown(
      '2.3',
      'refuse other methods, too large and malformed requests',
      par('refuses repeated parameters, other bodies, other methods, and what is too long (RFC 9126 §2.3)'),
    ),
    notApplicable(
      '2.4',
      'take redirect URIs that are not registered, of authenticated clients',
      'is optional and not offered: every redirect URI is registered',
    ),
    shown(
      '3',
      'take a request object, with everything inside',
      requestObject('takes a signed request at the endpoint for pushed requests too (RFC 9126 §3)'),
    ),
    shown(
      '3',
      'refuse the object of another client',
      requestObject('refuses the object of another client, by whichever name'),
    ),
    shown(
      '4',
      'take the reference with its client_id',
      parReference('needs its client_id beside it (RFC 9126 §4)'),
    ),
    shown(
      '4',
      'check what was pushed again, as it is used',
      parReference('is judged by what the client may do when it is used'),
    ),
    shown(
      '4',
      'take a reference once',
      parReference('works once (RFC 9126 §7.3)'),
      'a pushed request in a race goes to one of 20 browsers at once (RFC 9126 §7.3)',
    ),
    shown(
      '5',
      'be found by discovery, and say where it is required',
      par(
        'where it is required is required of every client where the installation says so, and discovery tells (RFC 9126 §5)',
      ),
    ),
    shown(
      '6',
      'refuse a request of a client that must push',
      par(
        'where it is required refuses a request of a client that must push, and takes what it pushed (RFC 9126 §6)',
      ),
    ),
    shown(
      '7.1',
      'leave nothing to be gained by guessing',
      parReference('cannot be guessed, nor reach anything else that is kept'),
    ),
    shown(
      '7.2',
      'send nobody to an address that is not registered',
      par('checks the request as the front channel would, at once (RFC 9126 §2.1)'),
    ),
    shown('7.3', 'let no reference be used again', parReference('works once (RFC 9126 §7.3)')),
    notApplicable('7.5', 'push what belongs to the sign-in of this browser', OF_THE_CLIENT),
  ],
};
