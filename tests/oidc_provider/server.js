// The certified provider, as a MitID broker would be set up: PKCE demanded, claims by userinfo, one client.
// Tests say who logs in next: PUT /person with his claims. It prints its address once it listens, and stops
// with its standard input.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Provider } from "oidc-provider";

const { client, scopes } = JSON.parse(process.argv[2]);
const people = new Map();
let next; // nobody: whoever comes breaks off

const server = createServer((request, response) => answer(request, response));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  claims: { openid: ["sub"], ...scopes },
  clients: [client],
  cookies: { keys: ["for-tests-only"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: granted,
  pkce: { required: () => true },
});

// Whatever our client asks for is granted: no page of consent.
async function granted(context) {
  const grant = new context.oidc.provider.Grant({
    clientId: context.oidc.client.clientId,
    accountId: context.oidc.session.accountId,
  });
  grant.addOIDCScope(Object.keys(scopes).concat("openid").join(" "));
  await grant.save();
  return grant;
}

async function answer(request, response) {
  if (request.method === "PUT" && request.url === "/person") {
    const person = await json(request);
    next = person.sub;
    people.set(next, person.claims);
    response.writeHead(204).end();
  } else if (request.url.startsWith("/interaction/")) {
    const result = next ? { login: { accountId: next } } : { error: "access_denied" };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } else {
    provider.callback()(request, response);
  }
}

process.stdin.resume().on("end", () => process.exit());
console.log(issuer);
