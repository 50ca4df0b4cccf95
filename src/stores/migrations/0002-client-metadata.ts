import type { Db } from 'mongodb';

/** What a document of before the fields existed means by their absence; readers take them as present. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  clients: {
    tlsClientCertificateBoundAccessTokens: false,
    dpopBoundAccessTokens: false,
    requirePushedAuthorizationRequests: false,
    requireSignedRequestObject: false,
    requestUris: [],
    subjectType: 'public',
    backchannelLogoutSessionRequired: false,
    authorizationDetailsTypes: [],
    allowedNetworks: [],
    refreshRevokesAccessTokens: false,
    dynamicallyRegistered: false,
  },
  refreshFamilies: { resources: [], refusedClaims: [] },
  consents: { claims: [], refusedClaims: [] },
  authorizationCodes: { resources: [], refusedClaims: [] },
};

/** Gives every document the defaults of its new fields; running it again changes nothing. */
export async function up(db: Db): Promise<void> {
  for (const [collection, fields] of Object.entries(DEFAULTS)) {
    for (const [field, value] of Object.entries(fields)) {
      await db
        .collection(collection)
        .updateMany({ [field]: { $exists: false } }, { $set: { [field]: value } });
    }
  }
}

/** The fields stay: without them the documents mean the same. */
export async function down(): Promise<void> {}
