// What the document says of an operation, as types: which paths a method has, what it takes, what it answers with.

import type { components, paths } from "./schema.js";

export type Method = "get" | "post" | "put" | "delete";
export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** The paths that have an operation of this method. */
export type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

export type Operation<M extends Method, P extends PathsOf<M>> = paths[P] extends Record<M, infer O> ? O : never;

type Part<O, Name extends "path" | "query" | "header"> = O extends { parameters: { [N in Name]?: infer T } }
  ? Exclude<T, undefined>
  : never;
type Json<O> = O extends { requestBody: { content: { "application/json": infer T } } } ? T : never;
type Csv<O> = O extends { requestBody: { content: { "text/csv": infer T } } } ? T : never;
type Body<O> = Json<O> | Csv<O>;

/** A member that must be given, may be given, or is not there at all. */
type Member<Name extends string, T> = [T] extends [never]
  ? { [N in Name]?: never }
  : Record<string, never> extends T
    ? { [N in Name]?: T }
    : { [N in Name]: T };

/** What a call takes beside its path. */
export type Arguments<O> = Member<"path", Part<O, "path">> &
  Member<"query", Part<O, "query">> &
  Member<"header", Part<O, "header">> &
  Member<"body", Body<O>>;

type Content<R> = R extends { content: { "application/json": infer T } }
  ? T
  : R extends { content: { "text/plain; version=0.0.4": infer T } }
    ? T
    : never;

/** The body of an answer that is no problem. */
export type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? Content<R[S]> : never }[keyof R]
  : never;

/** The paths whose answer is a page of a list. */
export type ListPath = {
  [P in PathsOf<"get">]: Success<Operation<"get", P>> extends { items: unknown[] } ? P : never;
}[PathsOf<"get">];
export type Item<P extends ListPath> =
  Success<Operation<"get", P>> extends { items: (infer T)[] } ? T : never;
