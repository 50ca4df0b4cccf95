import { expect } from 'chai';
import { describeDuration } from '../../../src/identity/messages/duration.js';
import { mails } from '../../../src/identity/messages/mails.js';
import { texts } from '../../../src/identity/messages/texts.js';

const letter = {
  site: 'id.example.com',
  url: 'https://id.example.com/confirm-email?token=a.b&x="><script>',
  code: '12345678',
  ttlSeconds: 1800,
};

describe('letters', () => {
  it('say the same in text and HTML, with link and code', () => {
    const { subject, text, html } = mails.confirmEmail(letter);
    expect(subject).to.include('id.example.com');
    expect(text).to.include(letter.url).and.to.include('12345678').and.to.include('30 minutes');
    expect(html).to.include('12345678').and.to.include('30 minutes');
  });

  it('escape everything variable in HTML', () => {
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const all = [
      mails.confirmEmail({ ...letter, site: evil, code: evil }).html,
      mails.changeEmail({ ...letter, site: evil }).html,
      mails.signUpAttempt({ ...letter, site: evil }).html,
      mails.resetPassword({ ...letter, site: evil }).html,
      mails.invitation({ ...letter, site: evil }).html,
      mails.emailChangeRequested({ site: evil, newEmail: evil }).html,
      mails.phoneChangeRequested({ site: evil, newPhone: evil }).html,
      mails.passwordChanged({ site: evil }).html,
      mails.signInsLocked({ ...letter, site: evil, seconds: 60 }).html,
      mails.contactChanged({ site: evil, what: 'phone number' }).html,
      mails.deletionScheduled({ site: evil, at: new Date(0) }).html,
      mails.emailSignIn({ ...letter, site: evil, code: evil, browser: evil, address: evil }).html,
    ];
    for (const html of all) {
      expect(html)
        .to.include('&lt;img')
        .and.not.to.match(/<img|<script/);
      expect(html).not.to.match(/href="[^"]*[<>]/);
    }
  });

  it('put the code of an SMS first', () => {
    expect(texts.confirmPhone({ site: 'id.example.com', code: '123456', ttlSeconds: 300 })).to.match(
      /^123456 .*5 minutes/,
    );
  });

  it('name durations as people do', () => {
    expect([60, 90, 300, 1800, 3600, 86_400, 604_800].map(describeDuration)).to.deep.equal([
      '1 minute',
      '90 seconds',
      '5 minutes',
      '30 minutes',
      '60 minutes',
      '24 hours',
      '7 days',
    ]);
  });
});
