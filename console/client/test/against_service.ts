// The client against a holdfastd that tests/api/client.py started: argv: URL, owner's secret, owner's root in base64.

import { strict as assert } from "node:assert";
import { Client, ProblemError, type Schemas } from "../src/client.js";

const [url, secret, root] = process.argv.slice(2) as [string, string, string];

async function refused(call: Promise<unknown>, status: number, reason: string): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert(error instanceof ProblemError, String(error));
    assert.deepEqual([error.status, error.reason], [status, reason]);
    return true;
  });
}

async function signIn(): Promise<Client> {
  const stranger = new Client({ url });
  assert.equal((await stranger.get("/healthz", {})).body.status, "alive");
  await refused(stranger.get("/v1/catalogs", {}), 401, "caller-unknown");
  const made = await stranger.post("/v1/owner-link", { body: { secret, name: "ada" } });
  assert.equal(made.status, 201);
  return new Client({ url, token: made.body.token });
}

async function lists(client: Client): Promise<void> {
  const path = { catalog: "acme" };
  await client.post("/v1/catalogs", { body: { name: "acme", owner_root: root } });
  for (const name of ["gateway", "meter", "valve"]) {
    await client.post("/v1/catalogs/{catalog}/products", { path, body: { name } });
  }
  const names: string[] = [];
  for await (const product of client.list("/v1/catalogs/{catalog}/products", { path, query: { limit: 1 } })) {
    names.push(product.name);
  }
  assert.deepEqual(names, ["gateway", "meter", "valve"]);
  const devices: Schemas["Device"][] = [];
  for await (const device of client.list("/v1/catalogs/{catalog}/devices", { path, query: { verdict: "healthy" } })) {
    devices.push(device);
  }
  assert.deepEqual(devices, []);
}

async function versions(client: Client): Promise<void> {
  const path = { catalog: "acme", policy: "strict" };
  const policies = "/v1/catalogs/{catalog}/policies/{policy}";
  await client.post(policies, { path, header: { "If-None-Match": "*" }, body: { version: 1 } });
  const first = await client.get(policies, { path });
  assert.match(first.etag ?? "", /^"[0-9a-f]{32}"$/);
  assert.equal(await client.getIfChanged(policies, { path }, first.etag ?? ""), undefined);
  const header = { "If-Match": first.etag ?? "" };
  const second = await client.post(policies, { path, header, body: { version: 2 } });
  assert("version" in second.body && second.body.version === 2);
  await refused(client.post(policies, { path, header, body: { version: 3 } }), 412, "precondition-failed");
  const changed = await client.getIfChanged(policies, { path }, first.etag ?? "");
  assert.equal(changed?.body.version, 2);
}

/** A fetch whose first answer is lost on its way, after the service has given it. */
function lossy(): { fetch: typeof fetch; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (++sent === 1) throw new TypeError("the connection is gone");
      return response;
    },
  };
}

async function once(client: Client, token: string): Promise<void> {
  const path = { catalog: "acme" };
  await client.post("/v1/catalogs/{catalog}/device-groups", { path, body: { product: "gateway", name: "field" } });
  const link = lossy();
  const shaky = new Client({ url, token, fetch: link.fetch });
  const order = { product: "gateway", device_group: "field" };
  const made = await shaky.post("/v1/catalogs/{catalog}/claims", { path, body: order });
  assert.equal(link.sent(), 2);
  assert.equal(made.replayed, true);
  const claims = await client.get("/v1/catalogs/{catalog}/claims", { path });
  assert.equal(claims.body.items.length, 1);
  await refused(client.get("/v1/catalogs/{catalog}", { path: { catalog: "nobody" } }), 404, "nothing-there");
  const csv = `${"ab".repeat(32)},gateway,field\n`;
  await client.post("/v1/catalogs/{catalog}/factory-list", { path, body: csv });
}

/** The service is busy with the same request once, and then has its answer. */
async function busy(token: string): Promise<void> {
  let sent = 0;
  const reason = "idempotency-key-in-use";
  const problem = { type: `urn:holdfast:problem:${reason}`, title: reason, status: 409, detail: "", reason };
  const headers = { "content-type": "application/problem+json" };
  const shaky = new Client({
    url,
    token,
    fetch: async (input, init) =>
      ++sent === 1 ? new Response(JSON.stringify(problem), { status: 409, headers }) : fetch(input, init),
  });
  const path = { catalog: "acme" };
  const made = await shaky.post("/v1/catalogs/{catalog}/products", { path, body: { name: "pump" } });
  assert.deepEqual([sent, made.status], [2, 201]);
  await refused(shaky.post("/v1/catalogs/{catalog}/products", { path, body: { name: "pump" } }), 409, "already-there");
  assert.equal(sent, 3);
}

const client = await signIn();
const operator = await client.post("/v1/operators", { body: { name: "shaky", scope: "own" } });
await lists(client);
await versions(client);
await once(client, operator.body.token);
await busy(operator.body.token);
console.log("the client and the service agree");
