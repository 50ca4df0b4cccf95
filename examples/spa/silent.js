// Runs in the hidden frame of a renewal without a refresh token, and hands the answer to the page around it.
import { UserManager } from 'oidc-client-ts';
import { settings } from './settings.js';

await new UserManager(settings).signinSilentCallback();
