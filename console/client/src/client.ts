// A client of the management API. Every call is typed by api/openapi.yaml; what is no success is thrown as a
// ProblemError. A POST carries an Idempotency-Key, so that it is done once however often a lost connection makes it be
// sent.

import type { Arguments, Item, ListPath, Method, Operation, PathsOf, Problem, Success } from "./shapes.js";

export type { Item, ListPath, Problem, Schemas } from "./shapes.js";

export interface Answer<Body> {
  status: number;
  body: Body;
  /** Of a single object that was read; goes into `If-Match` of what changes it. */
  etag: string | undefined;
  /** The request was done before, under the same key. */
  replayed: boolean;
}

/** A refusal. `reason` never changes its meaning; `message` is for people. */
export class ProblemError extends Error {
  readonly reason: string;
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds until it is worth trying again. */
    readonly retryAfter: number | undefined,
  ) {
    super(problem.detail);
    this.name = "ProblemError";
    this.reason = problem.reason;
  }
}

export interface Options {
  /** `https://host:port` of the management port. */
  url: string;
  token?: string;
  /** In place of the global one. */
  fetch?: typeof fetch;
  /** How often a request is sent at most while connections break. */
  attempts?: number;
}

interface Loose {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | undefined>;
  header?: Record<string, string | undefined>;
  body?: unknown;
}

const PAUSE_MS = 500;
const PROBLEM = "application/problem+json";

export class Client {
  readonly #options: Options;
  constructor(options: Options) {
    this.#options = options;
  }

  get<P extends PathsOf<"get">>(path: P, given: Arguments<Operation<"get", P>>) {
    return this.#call<Success<Operation<"get", P>>>("get", path, given as Loose);
  }
  post<P extends PathsOf<"post">>(path: P, given: Arguments<Operation<"post", P>>) {
    return this.#call<Success<Operation<"post", P>>>("post", path, given as Loose);
  }
  put<P extends PathsOf<"put">>(path: P, given: Arguments<Operation<"put", P>>) {
    return this.#call<Success<Operation<"put", P>>>("put", path, given as Loose);
  }
  delete<P extends PathsOf<"delete">>(path: P, given: Arguments<Operation<"delete", P>>) {
    return this.#call<Success<Operation<"delete", P>>>("delete", path, given as Loose);
  }

  /** Undefined where the object still has this ETag. */
  async getIfChanged<P extends PathsOf<"get">>(path: P, given: Arguments<Operation<"get", P>>, etag: string) {
    const header = { ...(given as Loose).header, "If-None-Match": etag };
    const answer = await this.#call<Success<Operation<"get", P>>>("get", path, { ...(given as Loose), header });
    return answer.status === 304 ? undefined : answer;
  }

  /** Every item, page by page as they are asked for. */
  async *list<P extends ListPath>(path: P, given: Arguments<Operation<"get", P>>): AsyncGenerator<Item<P>> {
    let query = (given as Loose).query ?? {};
    for (;;) {
      const page = await this.#call<{ items: Item<P>[]; next?: string }>("get", path, { ...(given as Loose), query });
      yield* page.body.items;
      if (page.body.next === undefined) return;
      query = { ...query, after: page.body.next };
    }
  }

  async #call<Body>(method: Method, path: string, given: Loose): Promise<Answer<Body>> {
    const request = this.#request(method, given);
    const response = await this.#send(address(this.#options.url, path, given), request);
    if (response.ok || response.status === 304) {
      return {
        status: response.status,
        body: (await bodyOf(response)) as Body,
        etag: response.headers.get("etag") ?? undefined,
        replayed: response.headers.get("idempotency-replayed") === "true",
      };
    }
    throw await refusal(response);
  }

  #request(method: Method, given: Loose): RequestInit {
    const headers = new Headers();
    for (const [name, value] of Object.entries(given.header ?? {})) {
      if (value !== undefined) headers.set(name, value);
    }
    if (this.#options.token !== undefined) headers.set("Authorization", `Bearer ${this.#options.token}`);
    if (method === "post" && !headers.has("Idempotency-Key")) {
      headers.set("Idempotency-Key", globalThis.crypto.randomUUID());
    }
    const out: RequestInit = { method: method.toUpperCase(), headers, redirect: "error" };
    if (given.body === undefined) return out;
    const isText = typeof given.body === "string";
    headers.set("Content-Type", isText ? "text/csv" : "application/json");
    out.body = isText ? (given.body as string) : JSON.stringify(given.body);
    return out;
  }

  /**
   * What fetch throws is a connection that broke: GET, PUT, DELETE, and POST under its key, may be sent again; so may a
   * POST whose first sending is still being served.
   */
  async #send(url: string, request: RequestInit): Promise<Response> {
    const send = this.#options.fetch ?? fetch;
    const attempts = this.#options.attempts ?? 3;
    for (let attempt = 1; ; ++attempt) {
      try {
        const response = await send(url, request);
        if (attempt >= attempts || !(await isBeingServed(response))) return response;
      } catch (error) {
        if (attempt >= attempts) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

async function isBeingServed(response: Response): Promise<boolean> {
  if (response.status !== 409 || response.headers.get("content-type") !== PROBLEM) return false;
  return ((await response.clone().json()) as Problem).reason === "idempotency-key-in-use";
}

function address(url: string, path: string, given: Loose): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given.path?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return url.replace(/\/$/, "") + filled + (text === "" ? "" : `?${text}`);
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 304) return undefined;
  return response.headers.get("content-type") === "application/json" ? response.json() : response.text();
}

/** An answer that is no problem document came from something in between. */
async function refusal(response: Response): Promise<ProblemError> {
  const retry = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(retry) ? retry : undefined;
  if (response.headers.get("content-type") === PROBLEM) {
    return new ProblemError(response.status, (await response.json()) as Problem, retryAfter);
  }
  const reason = "answer-malformed";
  const detail = `expected a problem document, saw status ${response.status} without one`;
  const problem = { type: `urn:holdfast:problem:${reason}`, title: reason, status: response.status, detail, reason };
  return new ProblemError(response.status, problem, retryAfter);
}
