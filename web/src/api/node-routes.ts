/**
 * Routes of servers that `openapi.json` does not have yet, in the shapes of `crates/api/src/v1/nodes.rs`.
 * When it has them, this file becomes `export { $api as $nodes, api as nodes } from "./client"`, and
 * the types come from `schema.gen.ts`.
 */
import createFetchClient from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { apiFetch } from "./client";
import type { components } from "./schema.gen";

type Node = components["schemas"]["Node"];

/** What of a list of servers is wanted, besides the page (`NodeListQuery`). */
export interface NodeFilter {
  /** A part of the name, in any case. */
  search?: string;
  /** `key=value`, or `key` for any value. */
  label?: string;
  state?: Node["state"];
}

interface NodeUpdate {
  name?: string;
  labels?: Record<string, string>;
  draining?: boolean;
}

interface NodeTokenCreate {
  name?: string;
  labels?: Record<string, string>;
  node_id?: string;
}

/** A join token, without its secret. */
export interface NodeToken {
  id: string;
  name?: string | null;
  labels: Record<string, string>;
  /** The server that joins again with it. */
  rejoins?: string | null;
  created_at: number;
  expires_at: number;
  /** The server that joined with it. */
  node_id?: string | null;
}

/** A join token as it is shown once. */
export interface NodeTokenCreated {
  token: NodeToken;
  secret: string;
  command: string;
}

interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

type Operation<Path, Query, Body, Status extends number, Answer> = {
  parameters: { path: Path; query?: Query; header?: never; cookie?: never };
  responses: {
    [status in Status]: { headers: Record<string, unknown>; content: Content<Answer> };
  };
} & ([Body] extends [undefined]
  ? { requestBody?: never }
  : { requestBody: { content: { "application/json": Body } } });

type Content<Answer> = [Answer] extends [never] ? never : { "application/json": Answer };
type InOrganization = { organization: string };
type OfNode = { node: string };

interface NodePaths {
  "/api/v1/organizations/{organization}/nodes": {
    get: Operation<
      InOrganization,
      NodeFilter & { cursor?: string; limit?: number },
      undefined,
      200,
      Page<Node>
    >;
  };
  "/api/v1/nodes/{node}": {
    get: Operation<OfNode, never, undefined, 200, Node>;
    patch: Operation<OfNode, never, NodeUpdate, 200, Node>;
    delete: Operation<OfNode, never, undefined, 204, never>;
  };
  "/api/v1/nodes/{node}/revoke": { post: Operation<OfNode, never, undefined, 200, Node> };
  "/api/v1/organizations/{organization}/node-tokens": {
    get: Operation<
      InOrganization,
      { cursor?: string; limit?: number },
      undefined,
      200,
      Page<NodeToken>
    >;
    post: Operation<InOrganization, never, NodeTokenCreate, 201, NodeTokenCreated>;
  };
  "/api/v1/node-tokens/{node_token}": {
    delete: Operation<{ node_token: string }, never, undefined, 204, never>;
  };
}

const nodes = createFetchClient<NodePaths>({
  baseUrl: globalThis.location?.origin,
  fetch: (request) => apiFetch(request),
});

/** The client of these routes, for Query. */
export const $nodes = createQueryClient(nodes);
