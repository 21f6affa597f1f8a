// A certified OpenID provider for one test: `node provider.mjs PORT REDIRECT_URI`. Whatever is typed as
// the login is the account; "+mfa" at its end says that a second factor was shown there.
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'vestibule',
      client_secret: 'a-secret-for-the-test-alone',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  pkce: { required: () => true },
  cookies: { keys: ['a key for the test alone'] },
  claims: {
    openid: ['sub', 'amr'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name'],
  },
  conformIdTokenClaims: true,
  features: { devInteractions: { enabled: true } },
  findAccount(_, login) {
    const email = login.replace(/\+mfa$/, '');
    return {
      accountId: login,
      claims: () => ({
        sub: email,
        email,
        email_verified: !email.startsWith('unverified'),
        given_name: 'Noa',
        family_name: 'Winter',
        amr: login.endsWith('+mfa') ? ['pwd', 'mfa'] : ['pwd'],
      }),
    };
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
