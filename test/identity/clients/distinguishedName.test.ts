import { expect } from 'chai';
import { isSameName } from '../../../src/identity/clients/distinguishedName.js';

describe('the name of a certificate beside a registered one (RFC 4514)', () => {
  const SAME: [subject: string, registered: string][] = [
    ['C=DE\nO=Acme\nCN=api', 'CN=api,O=Acme,C=DE'],
    ['C=DE\nO=Acme\nCN=api', 'cn=api, o = Acme ,c=DE'],
    ['O=Acme\\, Inc.\nCN=api', 'CN=api,O=Acme\\, Inc.'],
    ['O=Acme\\, Inc.\nCN=api', 'CN=api,O=Acme\\2C Inc.'],
    ['O=Acme\\, Inc.\nCN=api', 'CN=api,O="Acme, Inc."'],
    ['O=Zürich\nCN=api', 'CN=api,O=Z\\C3\\BCrich'],
    ['CN=a\\+b', 'CN=a\\+b'],
    ['CN=a=b', 'CN=a=b'],
  ];
  for (const [subject, registered] of SAME) {
    it(`is the same for ${registered}`, () => expect(isSameName(subject, registered)).to.equal(true));
  }

  const OTHER: [title: string, subject: string | undefined, registered: string][] = [
    ['another value', 'O=Acme\nCN=api', 'CN=apis,O=Acme'],
    ['another case of a value', 'CN=api', 'CN=API'],
    ['another order', 'O=Acme\nCN=api', 'O=Acme,CN=api'],
    ['a part less', 'O=Acme\nCN=api', 'CN=api'],
    ['a part more', 'CN=api', 'CN=api,O=Acme'],
    ['a value that looks like two parts', 'CN=api\\,O=Acme', 'CN=api,O=Acme'],
    ['two parts that look like a value', 'O=Acme\nCN=api', 'CN=api\\,O=Acme'],
    ['a part of two values', 'CN=api + OU=x', 'CN=api + OU=x'],
    ['no subject', undefined, ''],
    ['an empty subject', '', ''],
  ];
  for (const [title, subject, registered] of OTHER) {
    it(`differs by ${title}`, () => expect(isSameName(subject, registered)).to.equal(false));
  }
});
