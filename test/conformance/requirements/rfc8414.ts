import { notApplicable, type Specification, shown } from '../requirement.js';
import {
  discovery,
  edges,
  ISSUER_FRAGMENT,
  ISSUER_QUERY,
  OF_THE_CLIENT,
  oauth4webapi,
  TLS,
} from '../suites.js';

const NAMES = discovery('names what is mounted, under both names, with and without the path of the issuer');
const NO_EMPTY = edges('leaves out of its metadata what has no value (RFC 8414 §3.2)');

export const rfc8414: Specification = {
  name: 'RFC 8414',
  title: 'Authorization Server Metadata',
  url: 'https://www.rfc-editor.org/rfc/rfc8414',
  requirements: [
    shown('2', 'name issuer, endpoints and response types', NAMES),
    shown('2', 'have an issuer without query and fragment', ISSUER_QUERY, ISSUER_FRAGMENT),
    shown(
      '2',
      'publish the keys that it signs with',
      discovery('publishes keys that verify a token, and no private part'),
    ),
    shown(
      '2',
      'name no signing algorithm `none`',
      edges('offers the algorithm none nowhere (RFC 8414 §2, OpenID Connect Discovery §3)'),
    ),
    shown(
      '2',
      'name the algorithms of client assertions where those are taken',
      edges('names the algorithms of client assertions where it takes any (RFC 8414 §2)'),
    ),
    shown('3', 'put the document where the issuer says, its path behind the well-known name', NAMES),
    shown('3.1', 'answer GET', discovery('answers POST /.well-known/openid-configuration with 405')),
    shown(
      '3.2',
      'answer 200 with application/json',
      edges('answers discovery with 200 and application/json (RFC 8414 §3.2)'),
    ),
    shown('3.2', 'leave members without a value out', NO_EMPTY),
    shown(
      '3.3',
      'name exactly the issuer that the address was made from',
      oauth4webapi(
        'discovers the server under both names, with the same answer (RFC 8414, OpenID Connect Discovery)',
      ),
    ),
    notApplicable('3.3', 'compare the issuer', OF_THE_CLIENT),
    notApplicable('2.1', 'sign the metadata', '`signed_metadata` is not offered'),
    shown('6.1', 'serve TLS', TLS),
  ],
};
