import {
  accountName,
  backToRequest,
  findFlow,
  findPerson,
  goOn,
  pageAddress,
  requestField,
  requestIdOf,
} from './flow.js';
import { html } from './html.js';
import type { Page } from './page.js';

/** `/accounts?request=…`: with which account to go on (`prompt=select_account`). */
export const accountsPage: Page<'request' | 'account'> = {
  path: '/accounts',

  async show(visit) {
    const { form } = visit;
    const id = requestIdOf(visit.request);
    const { client } = await findFlow(visit, id);
    const person = await findPerson(visit);
    if (!person) return backToRequest(visit, id);
    const name = accountName(person.user);
    const other = pageAddress(visit, '/sign-in', id);
    return {
      title: 'Choose an account',
      body: html`<p>To continue to <strong>${client.name}</strong>.</p>
${form(html`${requestField(id)}
<input type="hidden" name="account" value="${person.user._id}">
<button type="submit">Continue as ${name}</button>`)}
<p class="below"><a href="${other}">Use another account</a></p>`,
    };
  },

  submission: {
    fields: ['request', 'account'],
    limit: 'general',
    async handle(visit, { request: id, account }) {
      await findFlow(visit, id);
      const person = await findPerson(visit);
      // Another tab signed somebody else in meanwhile: the request asks again.
      if (person?.user._id !== account) return backToRequest(visit, id);
      return goOn(visit, id, { accountChosen: person.session._id });
    },
  },
};
