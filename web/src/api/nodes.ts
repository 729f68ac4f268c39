import { $api } from "./client";

/** The most that one page gives. */
const PAGE_LIMIT = 200;

/** The first servers of an organization, by name: to choose one from. */
export function useNodeChoices(organization: string) {
  return $api.useQuery("get", "/api/v1/organizations/{organization}/nodes", {
    params: { path: { organization }, query: { limit: PAGE_LIMIT } },
  });
}
