// A certified OpenID provider for one test: `node provider.mjs PORT REDIRECT_URI`. Whatever is typed as
// the login is the account and its address.
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
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name'],
  },
  conformIdTokenClaims: true,
  features: { devInteractions: { enabled: true } },
  findAccount(_, login) {
    return {
      accountId: login,
      claims: () => ({
        sub: login,
        email: login,
        email_verified: !login.startsWith('unverified'),
        given_name: 'Noa',
        family_name: 'Winter',
      }),
    };
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
