import { localCertificate } from '../src/cli/certificate.js';
import { loadConfig } from '../src/config/load.js';

/** `npm run start:tls`: makes a certificate for localhost when there is none yet, and serves https with it. */
const { cert, key } = await localCertificate(`${loadConfig().dataDirectory}/tls`);
process.env['FIELDGATE_TLS_CERT'] = cert;
process.env['FIELDGATE_TLS_KEY'] = key;
await import('../src/main.js');
