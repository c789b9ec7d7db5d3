// A provider of OpenID Connect for the tests: oidc-provider, certified by the OpenID Foundation, with users that say who they are.
//
// node provider.mjs MANNER: in JSON `redirect_uri`, whether names are told only when asked for (`names_on_request`), whether clients
// show their secret in the body (`secret_in_body`), and key and certificate for `tls`. Prints its issuer; ends with its standard input.

import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Provider from 'oidc-provider';

const [manner] = process.argv.slice(2);
const { redirect_uri, names_on_request = false, secret_in_body = false, tls } = JSON.parse(manner);
const token_endpoint_auth_method = secret_in_body ? 'client_secret_post' : 'client_secret_basic';

/** What is known of each subject that has ever signed in, as it said it last. */
const subjects = new Map();

const server = tls ? createTlsServer(tls) : createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http${tls ? 's' : ''}://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'daowei',
        client_secret: 'known to two',
        redirect_uris: [redirect_uri],
        token_endpoint_auth_method,
      },
      { client_id: 'daowei-public', redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none' },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub', 'amr'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: names_on_request,
    clientAuthMethods: [token_endpoint_auth_method, 'none'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...subjects.get(id) }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    const url = new URL(request.url, issuer);
    if (!url.pathname.startsWith('/interaction/')) return answer(request, response);
    const { subject, amr, ...claims } = JSON.parse(url.searchParams.get('user'));
    subjects.set(subject, claims);
    return provider.interactionFinished(request, response, { login: { accountId: subject, amr } });
  });
  console.log(issuer);
});

process.stdin.resume().on('end', () => process.exit());
