import { allowAll, follow, nextOf } from '../oauth/authorize/flow.js';
import { createVisitor } from '../pages/visitor.js';
import type { TestApp } from '../support/app.js';

/**
 * Opens an address of ours in a new browser as somebody who signs in where that is asked for and allows everything.
 * @returns where the browser is sent in the end; null when it stays at a page of ours
 */
export async function visit(
  app: TestApp,
  address: string,
  who: { identifier: string; password: string },
): Promise<string | null> {
  const { pathname, searchParams } = new URL(address);
  const userCode = searchParams.get('user_code');
  const visitor = createVisitor(app);
  let page = await follow(app, visitor, await visitor.open(`${pathname}?${searchParams.toString()}`));
  for (let turns = 0; turns < 4 && page.text.includes('<form method="post"'); turns += 1) {
    const isSignIn = page.text.includes('name="identifier"');
    const isCode = userCode !== null && page.text.includes('id="user_code"');
    const typed = isSignIn ? who : isCode ? { user_code: userCode } : allowAll(page);
    page = await follow(app, visitor, await visitor.send(page, typed));
  }
  return nextOf(page);
}
