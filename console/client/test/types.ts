// What must not compile: `tsc --noEmit` fails where one of these is no error.

import { Client } from "../src/client.js";

export async function never(client: Client): Promise<void> {
  // @ts-expect-error: no such path
  await client.get("/v1/nothing", {});
  // @ts-expect-error: the path has no such method
  await client.put("/v1/catalogs", {});
  // @ts-expect-error: the catalog is not named
  await client.get("/v1/catalogs/{catalog}", {});
  // @ts-expect-error: no such filter
  await client.get("/v1/catalogs/{catalog}/devices", { path: { catalog: "acme" }, query: { verdct: "healthy" } });
  // @ts-expect-error: no such verdict
  await client.get("/v1/catalogs/{catalog}/devices", { path: { catalog: "acme" }, query: { verdict: "good" } });
  // @ts-expect-error: a member is missing
  await client.post("/v1/catalogs/{catalog}/claims", { path: { catalog: "acme" }, body: { product: "gateway" } });
  // @ts-expect-error: a list of keys is CSV
  await client.post("/v1/catalogs/{catalog}/factory-list", { path: { catalog: "acme" }, body: { keys: [] } });
  // @ts-expect-error: nothing to compare with when something is made
  await client.post("/v1/catalogs/{catalog}/products", { path: { catalog: "acme" }, header: { "If-Match": "*" }, body: { name: "gateway" } });
  // @ts-expect-error: this is no list
  client.list("/v1/catalogs/{catalog}", { path: { catalog: "acme" } });
  const device = await client.get("/v1/catalogs/{catalog}/devices/{device}", { path: { catalog: "acme", device: "hf-1" } });
  // @ts-expect-error: no such member
  device.body.verdct;
}
