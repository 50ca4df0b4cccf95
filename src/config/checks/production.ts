import type { Config } from '../schema.js';
import type { CheckedFault } from './checkedFault.js';

/** Passwords that stand in the first lines of every guessing list. */
const WELL_KNOWN_PASSWORDS = new Set([
  'admin',
  'administrator',
  'password',
  'changeme',
  'change-me',
  'secret',
  'fieldgate',
  '12345678',
  '123456789',
  'password1',
  'admin123',
  'admin1234',
]);

/** What may be convenient on a developer's machine and is a hole in production. */
export function checkProduction(config: Config): CheckedFault[] {
  if (config.environment !== 'production') return [];
  const needs = [['environment']];
  const issuer = new URL(config.issuer);
  const faults: CheckedFault[] = [];

  if (issuer.protocol === 'http:' && !isLoopback(issuer.hostname)) {
    faults.push({
      path: ['issuer'],
      message: `must be an https URL in production, got "${config.issuer}"`,
      needs,
    });
  }
  if (!config.mail.smtpUrl) {
    faults.push({
      path: ['mail', 'smtpUrl'],
      message: 'is required in production: confirmations and password resets could not be sent',
      needs,
    });
  }
  if (config.admin.password !== undefined && isWeak(config.admin.password, config)) {
    faults.push({
      path: ['admin', 'password'],
      message: 'is too weak for production; leave it out and the first start makes one',
      needs,
    });
  }
  for (const [index, user] of config.users.entries()) {
    if (user.password === undefined || !isWeak(user.password, config)) continue;
    faults.push({ path: ['users', index, 'password'], message: 'is too weak for production', needs });
  }
  return faults;
}

function isWeak(password: string, config: Config): boolean {
  return password.length < config.passwords.minLength || WELL_KNOWN_PASSWORDS.has(password.toLowerCase());
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.') || host.endsWith('.localhost');
}
