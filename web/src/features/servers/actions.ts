import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { Node } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { applyNode, applyNodes } from "@/lib/node-sync";

/** What can be done to a server. `remove` and `revoke` leave failures to the dialog that asks. */
export function useServerActions(node: Node, onRemoved: () => void = () => {}) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const changed = (answer: Node) => applyNode(client, answer);
  const init = { params: { path: { node: node.id } } };
  const update = $api.useMutation("patch", "/api/v1/nodes/{node}", {
    onSuccess: changed,
    onError: (error: unknown) => void toast.error(errorText(error)),
  });
  const revoke = $api.useMutation("post", "/api/v1/nodes/{node}/revoke", { onSuccess: changed });
  const remove = $api.useMutation("delete", "/api/v1/nodes/{node}", {
    onSuccess: () => {
      onRemoved();
      applyNodes(client, new Map([[node.id, undefined]]));
    },
  });
  return {
    setDraining: (draining: boolean) => update.mutate({ ...init, body: { draining } }),
    draining: update.isPending,
    revoke: { ...revoke, run: (done: () => void) => revoke.mutate(init, { onSuccess: done }) },
    remove: { ...remove, run: (done: () => void) => remove.mutate(init, { onSuccess: done }) },
  };
}
