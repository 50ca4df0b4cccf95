import type { Specification } from './requirement.js';
import { openidCore } from './requirements/openidCore.js';
import { openidDiscovery } from './requirements/openidDiscovery.js';
import { rfc6749 } from './requirements/rfc6749.js';
import { rfc6750 } from './requirements/rfc6750.js';
import { rfc7009 } from './requirements/rfc7009.js';
import { rfc7636 } from './requirements/rfc7636.js';
import { rfc7662 } from './requirements/rfc7662.js';
import { rfc8414 } from './requirements/rfc8414.js';
import { rfc8628 } from './requirements/rfc8628.js';
import { rfc9126 } from './requirements/rfc9126.js';
import { rfc9207 } from './requirements/rfc9207.js';
import { rfc9449 } from './requirements/rfc9449.js';
import { rfc9700 } from './requirements/rfc9700.js';

/** Every specification that docs/conformance.md has a chapter for. */
export const SPECIFICATIONS: readonly Specification[] = [
  rfc6749,
  rfc6750,
  rfc7009,
  rfc7636,
  rfc7662,
  rfc8414,
  rfc8628,
  rfc9126,
  rfc9207,
  rfc9449,
  rfc9700,
  openidCore,
  openidDiscovery,
];
