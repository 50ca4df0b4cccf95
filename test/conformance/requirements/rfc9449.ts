import { notApplicable, type Specification, shown } from '../requirement.js';
import {
  dpop,
  dpopAtToken,
  dpopAtUserinfo,
  dpopNonces,
  OF_THE_CLIENT,
  refreshToken,
  TLS,
} from '../suites.js';

const proof = (fault: string): string => dpopAtToken(`refuses a proof ${fault} (RFC 9449 §4.3)`);
const OTHER_KEY = dpopAtUserinfo(
  'refuses another key, no proof, and a proof for another token or none (RFC 9449 §7.1)',
);
const AS_BEARER = dpopAtUserinfo('refuses a DPoP-bound token that comes as Bearer (RFC 9449 §7.2)');
const BINDS = dpopAtToken('binds the tokens to the key of the proof (RFC 9449 §5, §6.1)');
const REPLAY = dpopAtToken('refuses a proof whose jti was seen (RFC 9449 §11.1)');

export const rfc9449: Specification = {
  name: 'RFC 9449',
  title: 'Demonstrating Proof of Possession (DPoP)',
  url: 'https://www.rfc-editor.org/rfc/rfc9449',
  compared: 'the last draft of its source',
  requirements: [
    shown('2', 'serve TLS', TLS),
    shown(
      '4.3',
      'take one proof, and a well-formed one (1, 2)',
      dpopAtToken('refuses garbage, a proof that is endless, and two proofs (RFC 9449 §4.3)'),
    ),
    shown(
      '4.3',
      'take no proof that lacks a claim (3)',
      proof('without a method'),
      proof('without an address'),
      proof('without a time'),
      proof('without a jti'),
    ),
    shown('4.3', 'take no JWT of another type (4)', dpopAtToken('refuses a proof of another type')),
    shown(
      '4.3',
      'take asymmetric algorithms only, and those that it has named (5)',
      dpopAtToken('refuses alg none and symmetric algorithms (RFC 9449 §4.3, RFC 8725 §3.1)'),
    ),
    shown(
      '4.3',
      'check the signature with the key in the proof (6)',
      dpopAtToken('refuses a proof with a key that is not the one that signed'),
      dpopAtToken('refuses a proof without a key, and one with a key by reference'),
    ),
    shown(
      '4.3',
      'take no private key in a proof (7)',
      dpopAtToken('refuses a proof whose jwk holds the private key'),
    ),
    shown('4.3', 'compare the method (8)', proof('of another method'), proof('of the method in lower case')),
    shown(
      '4.3',
      'compare the address, without query and fragment (9)',
      proof('of another path'),
      proof('of another host'),
      dpopAtToken('takes the address in any spelling, without query and fragment (RFC 9449 §4.3)'),
    ),
    shown(
      '4.3',
      'compare the nonce where one was given (10)',
      dpopNonces('refuses a nonce that is over, made up, or of another installation'),
    ),
    shown(
      '4.3',
      'take no proof that is old or of the future (11)',
      proof('that is stale'),
      proof('from the future'),
    ),
    shown('4.3', 'compare the hash of the access token, and the key that it is bound to (12)', OTHER_KEY),
    shown('5', 'refuse a bad proof with invalid_dpop_proof', proof('of another method')),
    shown('5', 'answer with the token type DPoP where the token is bound', BINDS),
    shown(
      '5',
      'bind the refresh token of a public client to the key, and check that at every refresh',
      dpop('at a refresh of a public client demands the key of the first proof (RFC 9449 §5)'),
      refreshToken('is refused and stays good when it is bound to a key and another one, or none, is proved'),
    ),
    shown(
      '5.1',
      'name the algorithms of proofs in the metadata',
      dpop('works with oauth4webapi when nonces are demanded: never'),
    ),
    shown(
      '5.2',
      'refuse token requests without a proof of a client that always has one',
      dpopAtToken('demands a proof of a client with dpopBoundAccessTokens (RFC 9449 §5.2)'),
    ),
    shown('6', 'let resource servers see what a token is bound to, and compare it', BINDS, OTHER_KEY),
    shown('6.1', 'confirm by the SHA-256 thumbprint of the key', BINDS),
    shown(
      '6.2',
      'tell the thumbprint and the type DPoP at introspection',
      dpop('is shown by introspection (RFC 9449 §6.2)'),
    ),
    shown('7', 'take no request to a resource without proof and its `ath`', OTHER_KEY),
    shown(
      '7.1',
      'let nobody in unless every check holds',
      dpopAtUserinfo('lets the holder of the key in (RFC 9449 §7.1)'),
      OTHER_KEY,
      dpopAtUserinfo('refuses a proof for another method or address, a stale one, and one that was seen'),
    ),
    notApplicable('7.1', 'use the scheme towards no proxy', 'no proxy is spoken to'),
    shown(
      '7.2',
      'take no bound token as a bearer token',
      AS_BEARER,
      'DPoP at GraphQL refuses a DPoP-bound token that comes as Bearer (RFC 9449 §7.2)',
    ),
    shown(
      '8',
      'give nonces that nobody can foresee, one in an answer',
      dpopNonces('names one, and takes the proof that holds it (RFC 9449 §8)'),
    ),
    shown(
      '8',
      'refuse a proof whose nonce was not given, or is over',
      dpopNonces('refuses a nonce that is over, made up, or of another installation'),
    ),
    notApplicable('8.2', 'use the newest nonce', OF_THE_CLIENT),
    shown(
      '9',
      'ask for a nonce at resources with 401',
      dpopNonces('challenges at resources with 401 and the nonce (RFC 9449 §9)'),
    ),
    shown(
      '10',
      'redeem a code that was bound to a key with that key only',
      dpop(
        'of a code with dpop_jkt demands that key, and the code outlives the attempt of another one (RFC 9449 §10)',
      ),
    ),
    shown(
      '10.1',
      'bind by `dpop_jkt` of a pushed request',
      'POST /oauth/par stores the key that dpop_jkt names with the code (RFC 9449 §10)',
    ),
    shown(
      '10.1',
      'bind by the proof of a pushed request as by `dpop_jkt`',
      dpop('of a pushed request binds the code to its key (RFC 9449 §10.1)'),
    ),
    shown(
      '10.1',
      'refuse a pushed request whose `dpop_jkt` is not the key of its proof',
      dpop('of a pushed request is refused where dpop_jkt names another key (RFC 9449 §10.1)'),
    ),
    shown(
      '11.1',
      'take a proof once, and shortly',
      REPLAY,
      'what may be shown once, shown to two replicas at the same time a DPoP proof is taken by one (RFC 9449 §11.1)',
    ),
    shown(
      '11.3',
      'take no proof without a nonce where nonces are given',
      dpopNonces('names one, and takes the proof that holds it (RFC 9449 §8)'),
    ),
    shown('11.5', 'look at the type of a proof', dpopAtToken('refuses a proof of another type')),
    shown(
      '11.6',
      'take no algorithm that is not there for signatures of a key pair',
      dpopAtToken('refuses alg none and symmetric algorithms (RFC 9449 §4.3, RFC 8725 §3.1)'),
    ),
  ],
};
