/** The part of oidc-provider that the benchmark uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Stored {
    save(): Promise<string>;
  }

  interface StoredGrant extends Stored {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    readonly Client: { find(id: string): Promise<object | undefined> };
    readonly Grant: new (
      facts: object,
    ) => StoredGrant;
    readonly AccessToken: new (
      facts: object,
    ) => Stored;
    readonly RefreshToken: new (
      facts: object,
    ) => Stored;
  }
}
