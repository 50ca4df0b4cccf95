// What oidc-client-ts has to know. There is no secret: a browser could not keep one; PKCE, which the library always
// uses, stands in for it.
const deployment = await (await fetch('/deployment.json')).json();

export const { apiUrl } = deployment;

/** `?frame` in the address of the app: no refresh token, renewed over the session at Fieldgate. */
const inFrame = new URLSearchParams(location.search).has('frame') || sessionStorage.getItem('frame') === '1';
if (inFrame) sessionStorage.setItem('frame', '1');

export const settings = {
  authority: deployment.issuer,
  client_id: deployment.clientId,
  redirect_uri: `${location.origin}/`,
  silent_redirect_uri: `${location.origin}/silent.html`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: `openid profile email notes:read notes:write${inFrame ? '' : ' offline_access'}`,
  // The access token is good at this API and nowhere else (RFC 8707).
  resource: deployment.audience,
  // Renewed by itself a minute before its end.
  automaticSilentRenew: true,
  // The tokens of the tab are gone when the app signs out, at Fieldgate as well.
  revokeTokensOnSignout: true,
};
