// An identity provider: node oidc-provider.mjs PACKAGES PORT KEY CERTIFICATE REDIRECT
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [packages, port, keyFile, certificate, redirect] = process.argv.slice(2);
const module = path.join(packages, 'node_modules/oidc-provider/lib/index.js');
const { Provider } = await import(pathToFileURL(module).href);

const key = (type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig' });
const roles = { boss: ['uplift-administrators', 'others'], intern: ['uplift-viewers'], guest: ['others'] };
const client = {
  grant_types: ['authorization_code'],
  redirect_uris: [redirect],
  response_types: ['code'],
};
const provider = new Provider(`https://127.0.0.1:${port}`, {
  clients: [
    { ...client, client_id: 'secret', client_secret: 'a secret: 100%', id_token_signed_response_alg: 'PS256' },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles'] },
  conformIdTokenClaims: false,
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256'] },
  jwks: { keys: [key('rsa', { modulusLength: 2048 }), key('ec', { namedCurve: 'P-256' })] },
  // Nobody has to consent.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@corp.example`, roles: roles[id] }),
  }),
});
provider.on('server_error', (context, error) => console.log('server error', error));
provider.on('grant.error', (context, error) => console.log('grant error', error.message, error.error_detail));
https
  .createServer({ key: fs.readFileSync(keyFile), cert: fs.readFileSync(certificate) }, provider.callback())
  .listen(Number(port), '127.0.0.1', () => console.log('listening'));
