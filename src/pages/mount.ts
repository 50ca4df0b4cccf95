import type { FastifyInstance } from 'fastify';
import { acceptsHtml, logError, renderJsonError, statusOf } from '../http/errorReply.js';
import { toAppError } from '../http/errors.js';
import type { Deps } from '../identity/deps.js';
import { accountsPage } from './accounts.js';
import { addAsset } from './asset.js';
import { captchaScript } from './captchaScript.js';
import { confirmEmailPage } from './confirmEmail.js';
import { consentPage } from './consent.js';
import { devicePage } from './device.js';
import { deviceConfirmPage } from './deviceConfirm.js';
import { addDeviceQr } from './deviceQr.js';
import { sendErrorPage } from './errorPage.js';
import { forgotPasswordPage } from './forgotPassword.js';
import { createFormTokens } from './formToken.js';
import { homePage } from './home.js';
import { addPage } from './page.js';
import { passkeyScript } from './passkeyScript.js';
import { registrationPage } from './registration.js';
import { resetPasswordPage } from './resetPassword.js';
import { resetPasswordCodePage } from './resetPasswordCode.js';
import { signInPage } from './signIn.js';
import { signInCodePage } from './signInCode.js';
import { signInEmailPage } from './signInEmail.js';
import { signInEnrolPage } from './signInEnrol.js';
import { signInFactorPage } from './signInFactor.js';
import { signInLinkPage } from './signInLink.js';
import { signInNewPasswordPage } from './signInNewPassword.js';
import { signInPasskeyPage } from './signInPasskey.js';
import { signOutPage } from './signOut.js';
import { stylesheet } from './stylesheet.js';
import { unlockPage } from './unlock.js';

/** Mounts the hosted pages, and gives browsers a page for every address that does not exist. */
export async function mountPages(app: FastifyInstance, deps: Deps): Promise<void> {
  const { config, logger } = deps;
  app.errorPages.render = (request, reply, error) => sendErrorPage(request, reply, config, error);

  await app.register((scope, _options, done) => {
    scope.setErrorHandler((thrown, request, reply) => {
      const error = toAppError(thrown);
      logError(logger, request, error, statusOf(error));
      if (acceptsHtml(request)) sendErrorPage(request, reply, config, error);
      else renderJsonError(request, reply, error);
    });
    for (const asset of [stylesheet, passkeyScript, captchaScript]) addAsset(scope, asset);
    const tokens = createFormTokens(deps);
    addPage(scope, deps, tokens, homePage);
    addPage(scope, deps, tokens, confirmEmailPage);
    addPage(scope, deps, tokens, resetPasswordPage);
    addPage(scope, deps, tokens, resetPasswordCodePage);
    addPage(scope, deps, tokens, unlockPage);
    addPage(scope, deps, tokens, signInPage);
    addPage(scope, deps, tokens, signInFactorPage);
    addPage(scope, deps, tokens, signInEnrolPage);
    addPage(scope, deps, tokens, signInPasskeyPage);
    addPage(scope, deps, tokens, signInNewPasswordPage);
    addPage(scope, deps, tokens, signInEmailPage);
    addPage(scope, deps, tokens, signInCodePage);
    addPage(scope, deps, tokens, signInLinkPage);
    addPage(scope, deps, tokens, registrationPage);
    addPage(scope, deps, tokens, forgotPasswordPage);
    addPage(scope, deps, tokens, accountsPage);
    addPage(scope, deps, tokens, consentPage);
    addPage(scope, deps, tokens, signOutPage);
    addPage(scope, deps, tokens, devicePage);
    addPage(scope, deps, tokens, deviceConfirmPage);
    addDeviceQr(scope, deps);
    done();
  });
}
