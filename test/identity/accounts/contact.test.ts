import { expect } from 'chai';
import * as fc from 'fast-check';
import { isAppError } from '../../../src/errors.js';
import {
  normalizeEmail,
  normalizePhone,
  normalizeUsername,
  parseEmail,
} from '../../../src/identity/accounts/contact.js';
import { parseIdentifier } from '../../../src/identity/accounts/lookup.js';
import { testConfig } from '../../support/deps.js';

const refused = (parse: () => unknown) =>
  expect(parse)
    .to.throw()
    .that.satisfies((error: unknown) => isAppError(error, 'BAD_USER_INPUT'));

describe('the normal form of an e-mail address', () => {
  it('ignores case, space around and the script of the domain', () => {
    expect(normalizeEmail('  Ada.Lovelace@Example.COM ')).to.equal('ada.lovelace@example.com');
    expect(normalizeEmail('ada@BÜCHER.example')).to.equal('ada@xn--bcher-kva.example');
    expect(normalizeEmail('Jose\u0301@example.com')).to.equal(normalizeEmail('JOSÉ@example.com'));
  });

  it('is its own normal form, and the one of every case', () => {
    const letters = fc.constantFrom(...'abzABZ019.-_+éÉßẞσςΣİiIıжЖ\u0301ﬁＡ'.split(''));
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 12 }), (characters) => {
        let normal: string;
        try {
          normal = normalizeEmail(`${characters.join('')}@Example.com`);
        } catch {
          return;
        }
        expect(normalizeEmail(normal)).to.equal(normal);
        expect(normalizeEmail(` ${characters.join('').normalize('NFD')}@EXAMPLE.com `)).to.equal(normal);
      }),
    );
    expect(normalizeEmail('ΟΔΟΣ@example.com')).to.equal(normalizeEmail('οδος@example.com'));
    // Different letters to people and mail servers: not merged.
    expect(normalizeEmail('straße@example.com')).not.to.equal(normalizeEmail('strasse@example.com'));
  });

  it('keeps dots and plus tags: they may be another mailbox', () => {
    expect(normalizeEmail('a.d.a+x@gmail.com')).to.equal('a.d.a+x@gmail.com');
  });

  it('never lets mail go to another host than the normal form names', () => {
    // Full-width letters map to ASCII in a domain; a mail program might encode them as another domain.
    expect(parseEmail('victim@ｇmail.com')).to.deep.equal({
      shown: 'victim@gmail.com',
      normalized: 'victim@gmail.com',
    });
    // The Kelvin sign is canonically K: what is written to is what is compared.
    expect(parseEmail('\u212Aate@example.com').shown).to.equal('Kate@example.com');
  });

  it('refuses what is no address, or could become two', () => {
    for (const value of [
      '',
      'ada',
      '@example.com',
      'ada@',
      'ada@localhost',
      'ada@127.0.0.1',
      'a b@example.com',
      'ada@example.com\nbcc: eve@example.com',
      'ada\0@example.com',
      'ada@example.com,eve@example.com',
      '<ada@example.com>',
      '"ada"@example.com',
      'ada..b@example.com',
      `${'a'.repeat(65)}@example.com`,
      `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(70)}.com`,
      'x'.repeat(1_000_000),
    ]) {
      refused(() => normalizeEmail(value));
    }
    refused(() => normalizeEmail({ $ne: null } as never));
  });
});

describe('the normal form of a phone number', () => {
  it('is E.164, whatever the spelling', () => {
    expect(normalizePhone('+44 (0) 20 7946-0018'.replace('(0) ', ''))).to.equal('+442079460018');
    expect(normalizePhone('020 7946 0018', 'GB')).to.equal('+442079460018');
  });

  it('refuses numbers without a country, that cannot exist, or with an extension', () => {
    for (const value of [
      '020 7946 0018',
      '+44 1',
      '+999 123456789',
      'call me',
      '+442079460018 ext. 5',
      '\0',
    ]) {
      refused(() => normalizePhone(value));
    }
  });
});

describe('the normal form of a username', () => {
  it('ignores case and compatibility forms', () => {
    expect(normalizeUsername('Ada_L')).to.equal('ada_l');
    expect(normalizeUsername('ａｄａ')).to.equal('ada');
    expect(normalizeUsername('Ада')).to.equal('ада');
  });

  it('refuses names that look like something or somebody else', () => {
    for (const value of [
      'ab',
      'a'.repeat(65),
      'ada@x',
      '12345678',
      '+4420',
      '-ada',
      'ada.',
      'a da',
      'pаypal',
      'a\u202Eb',
      'ada\0',
    ]) {
      refused(() => normalizeUsername(value));
    }
  });
});

describe('an identifier', () => {
  it('is recognised by its looks', () => {
    const config = testConfig({ sms: { defaultCountry: 'GB' } });
    expect(parseIdentifier(config, 'ADA@example.com')?.field).to.equal('emailNormalized');
    expect(parseIdentifier(config, '020 7946 0018')).to.deep.equal({
      field: 'phone',
      value: '+442079460018',
    });
    expect(parseIdentifier(config, 'Ada')).to.deep.equal({ field: 'usernameNormalized', value: 'ada' });
  });

  it('that can be none is null, not an error', () => {
    for (const value of ['', 'a@', '12', '\0', 'x'.repeat(100_000)]) {
      expect(parseIdentifier(testConfig(), value)).to.equal(null);
    }
    expect(parseIdentifier(testConfig(), { $ne: null } as never)).to.equal(null);
  });
});
