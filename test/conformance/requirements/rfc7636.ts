import { notApplicable, type Specification, shown } from '../requirement.js';
import { attackOnCode, attackOnPkce, edges, flow, OF_THE_CLIENT } from '../suites.js';

export const rfc7636: Specification = {
  name: 'RFC 7636',
  title: 'Proof Key for Code Exchange',
  url: 'https://www.rfc-editor.org/rfc/rfc7636',
  compared: '§4.1 to §4.6 as quoted elsewhere; the rest is not compared',
  requirements: [
    shown(
      '4.1',
      'take a verifier of 43 to 128 unreserved characters only',
      attackOnPkce('refuses a verifier that is missing, wrong, malformed, or the challenge itself'),
      edges('takes no verifier that is shorter, longer or of other characters than RFC 7636 §4.1 says'),
    ),
    notApplicable('4.1', 'make verifiers of enough chance', OF_THE_CLIENT),
    shown(
      '4.2',
      'understand S256',
      flow('leads through sign-in and consent to a code, and the code to tokens'),
    ),
    shown(
      '4.3',
      'read a missing method as plain',
      attackOnPkce('refuses a request without a method, which means plain, of every kind of client'),
    ),
    shown(
      '4.4',
      'keep the challenge with the code, where nobody can read it out of the code',
      attackOnCode('is stored nowhere'),
      edges('makes codes and refresh tokens of more than 128 random bits (RFC 6749 §10.10)'),
    ),
    shown(
      '4.4.1',
      'refuse a missing challenge with invalid_request where it is required',
      attackOnPkce('refuses a request without a challenge, of every kind of client'),
    ),
    shown(
      '4.4.1',
      'refuse a method that is not supported with invalid_request',
      attackOnPkce('refuses a request with the method plain, of every kind of client'),
    ),
    shown(
      '4.6',
      'compute the challenge from the verifier and compare, before anything is issued',
      attackOnPkce('refuses a verifier that is missing, wrong, malformed, or the challenge itself'),
    ),
    shown(
      '4.6',
      'refuse with invalid_grant where they differ',
      attackOnPkce('leaves an injected code useless: the victim has another verifier'),
    ),
    shown(
      '7.2',
      'use no plain where S256 is there',
      attackOnPkce('refuses a request with the method plain, of every kind of client'),
    ),
  ],
};
