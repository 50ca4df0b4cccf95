import { deviates, notApplicable, type Specification, shown } from '../requirement.js';
import { discovery, edges, OF_THE_CLIENT, oauth4webapi, TLS } from '../suites.js';

const NAMES = discovery('names what is mounted, under both names, with and without the path of the issuer');

export const openidDiscovery: Specification = {
  name: 'OpenID Connect Discovery 1.0',
  title: 'Provider metadata',
  url: 'https://openid.net/specs/openid-connect-discovery-1_0.html',
  compared: 'its source (2026)',
  requirements: [
    notApplicable(
      '2',
      'find the issuer of a person by WebFinger',
      'people do not choose their issuer; clients are told it',
    ),
    shown('3', 'name issuer, endpoints, keys, response types and subject types', NAMES),
    deviates(
      '3',
      'name RS256 among the algorithms of ID tokens',
      'the default; an operator who chooses another algorithm for the installation does without RS256',
      edges('signs ID tokens with RS256 unless told otherwise, and says so (OpenID Connect Core §15.1)'),
    ),
    shown(
      '3',
      'offer `none` for nothing that is answered',
      edges('offers the algorithm none nowhere (RFC 8414 §2, OpenID Connect Discovery §3)'),
    ),
    shown(
      '3',
      'publish keys without their private part',
      discovery('publishes keys that verify a token, and no private part'),
    ),
    deviates(
      '3',
      'offer implicit response types where clients register themselves',
      'RFC 9700 §2.1.2 advises against them: the code flow alone is offered',
      NAMES,
    ),
    shown('4', 'put the document behind the issuer', NAMES),
    shown(
      '4.1',
      'put no second slash where the issuer ends with one',
      discovery('answers at every address that it names, with or without the path of the issuer'),
    ),
    shown(
      '4.2',
      'answer 200 with application/json',
      edges('answers discovery with 200 and application/json (RFC 8414 §3.2)'),
    ),
    shown(
      '4.2',
      'leave members without a value out',
      edges('leaves out of its metadata what has no value (RFC 8414 §3.2)'),
    ),
    shown(
      '4.3',
      'name the issuer that the address was made from, in ID tokens too',
      oauth4webapi(
        'discovers the server under both names, with the same answer (RFC 8414, OpenID Connect Discovery)',
      ),
      edges('names one issuer, everywhere the same (RFC 9207 §2.3, OpenID Connect Discovery §4.3)'),
    ),
    notApplicable('4.3', 'compare the issuer', OF_THE_CLIENT),
    shown('7.1', 'serve TLS', TLS),
  ],
};
