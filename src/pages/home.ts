import type { Config } from '../config/schema.js';
import { basePathOf } from '../http/basePath.js';
import { VERSION } from '../version.js';
import { html } from './html.js';
import type { Page } from './page.js';

/** `/`: where to go next for whoever develops; says nothing in production but that nothing is lost. */
export const homePage: Page = {
  path: '/',

  show({ deps: { config } }) {
    if (config.environment === 'production') {
      return {
        title: 'Accounts',
        body: html`<p>Accounts are kept here. There is nothing to do on this page: go back to the app that you came from, or open the link in the message that we sent you.</p>`,
      };
    }
    return {
      title: 'Fieldgate is running',
      body: html`<p>Version ${VERSION}, in development.</p>
<ul class="links">
${linksOf(config).map(
  ({ path, name, about }) =>
    html`<li><a href="${basePathOf(config)}${path}">${name}</a><span>${about}</span></li>
`,
)}</ul>`,
    };
  },
};

interface Link {
  readonly path: string;
  readonly name: string;
  readonly about: string;
}

/** What a browser can open in development, as far as it is switched on. */
function linksOf({ graphql }: Config): Link[] {
  const always = [
    {
      path: '/.well-known/openid-configuration',
      name: 'OpenID discovery',
      about: 'Where apps find every endpoint',
    },
    { path: '/openapi.json', name: 'OpenAPI document', about: 'The REST and OAuth endpoints' },
    { path: '/dev/outbox', name: 'Outbox', about: 'Mails and messages that were not sent' },
    { path: '/health', name: 'Health', about: 'Whether the stores answer' },
  ];
  const explorer = { path: '/explorer', name: 'GraphQL explorer', about: 'Queries, without internet access' };
  const sandbox = { path: '/graphql', name: 'Apollo Sandbox', about: 'The same, loaded from its CDN' };
  return [
    ...((graphql.explorer ?? true) ? [explorer] : []),
    ...((graphql.sandbox ?? true) ? [sandbox] : []),
    ...always,
  ];
}
