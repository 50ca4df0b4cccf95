import { notApplicable, type Specification, shown } from '../requirement.js';
import {
  attackOnRequest,
  discovery,
  edges,
  flow,
  ISSUER_FRAGMENT,
  ISSUER_QUERY,
  OF_THE_CLIENT,
  openidClient,
} from '../suites.js';

export const rfc9207: Specification = {
  name: 'RFC 9207',
  title: 'Issuer Identification',
  url: 'https://www.rfc-editor.org/rfc/rfc9207',
  compared: '§2 and §3 as quoted elsewhere; the rest is not compared',
  requirements: [
    shown(
      '2',
      'name the issuer in every authorization response, errors as well',
      attackOnRequest('sends every answer with the issuer, so that a mix-up shows'),
      attackOnRequest('tells the client what is wrong, with state and iss'),
    ),
    shown('2', 'be an issuer without query and fragment', ISSUER_QUERY, ISSUER_FRAGMENT),
    shown(
      '2.1',
      'name it beside the code',
      flow('leads through sign-in and consent to a code, and the code to tokens'),
    ),
    shown(
      '2.3',
      'name the same issuer as the metadata',
      edges('names one issuer, everywhere the same (RFC 9207 §2.3, OpenID Connect Discovery §4.3)'),
      openidClient('refuses an answer of another issuer, so that a mix-up shows (RFC 9207)'),
    ),
    shown(
      '3',
      'say in the metadata that it does',
      discovery('names what is mounted, under both names, with and without the path of the issuer'),
    ),
    notApplicable('2.4', 'compare `iss`', OF_THE_CLIENT),
  ],
};
