import { useQueryClient } from "@tanstack/react-query";
import { Plus, UserMinus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { Member, Role } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { Page, RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { Tooltip } from "@/components/ui/tooltip";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { roleAtLeast, useAccount, useMembership } from "@/lib/session";
import { MemberCreateDialog } from "./member-create-dialog";
import { grantableRoles, memberObstacle, ROLES } from "./permissions";

const LIST_PATH = "/api/v1/organizations/{organization}/members";
const MEMBER_PATH = "/api/v1/organizations/{organization}/members/{account}";

/** Who belongs to the organization, and as what. */
export function MembersPage() {
  const { t } = useTranslation("organization");
  const { organization_id: organization, role } = useMembership();
  const [creating, setCreating] = useState(false);
  const forbidden = roleAtLeast(role, "admin") ? undefined : t("members.forbidden.role");
  const list = $api.useInfiniteQuery(
    "get",
    LIST_PATH,
    { params: { path: { organization }, query: { limit: 200 } } },
    PAGED,
  );
  const members = itemsOf(list.data);
  useCommands("members", [
    {
      id: "member.create",
      title: t("members.create"),
      disabledReason: forbidden,
      run: () => setCreating(true),
    },
  ]);
  return (
    <Page
      title={t("place.members", { ns: "common" })}
      description={t("members.detail")}
      actions={
        <Button variant="primary" onClick={() => setCreating(true)} disabledReason={forbidden}>
          <Plus aria-hidden />
          {t("members.create")}
        </Button>
      }
    >
      {list.isPending ? <RowSkeletons label={t("members.loading")} rows={4} /> : null}
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
      ) : null}
      {members.length > 0 ? <MemberTable members={members} /> : null}
      <LoadMore list={list} />
      {creating ? <MemberCreateDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function useMemberActions() {
  const { t } = useTranslation("organization");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["get", LIST_PATH] });
  const onError = (error: unknown) => void toast.error(errorText(error));
  const update = $api.useMutation("patch", MEMBER_PATH, {
    onSuccess: (member) =>
      void toast.success(
        t("members.changed", {
          name: member.name,
          role: t(`role.${member.role}`, { ns: "common" }),
        }),
      ),
    onError,
    onSettled: refresh,
  });
  const remove = $api.useMutation("delete", MEMBER_PATH, { onError, onSettled: refresh });
  return { update, remove };
}

function MemberTable({ members }: { members: Member[] }) {
  const { t } = useTranslation("organization");
  const { organization_id: organization, role } = useMembership();
  const { update, remove } = useMemberActions();
  const [removing, setRemoving] = useState<Member>();
  const path = (member: Member) => ({
    params: { path: { organization, account: member.account_id } },
  });
  const changeRole = (member: Member, changed: Role) =>
    update.mutate({ ...path(member), body: { role: changed } });
  useCommands(
    "members",
    members.flatMap((member) => {
      const { account_id, name } = member;
      const obstacle = memberObstacle(member, members, role);
      const disabledReason = obstacle && t(`members.forbidden.${obstacle}`);
      const others = grantableRoles(role).filter((one) => one !== member.role);
      return [
        ...others.map((one) => ({
          id: `member.${one}.${account_id}`,
          title: `${t("members.roleOf", { name })}: ${t(`role.${one}`, { ns: "common" })}`,
          disabledReason,
          run: () => changeRole(member, one),
        })),
        {
          id: `member.remove.${account_id}`,
          title: t("members.removeNamed", { name }),
          disabledReason,
          run: () => setRemoving(member),
        },
      ];
    }),
  );
  return (
    <>
      <table className="w-full text-start">
        <thead className="border-b text-ink-3 text-xs">
          <tr>
            <th className="py-2 text-start font-medium">{t("members.person")}</th>
            <th className="py-2 text-start font-medium">{t("members.role")}</th>
            <th className="hidden py-2 text-start font-medium sm:table-cell">
              {t("members.joined")}
            </th>
            <th className="w-8">
              <span className="sr-only">{t("members.remove")}</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {members.map((member) => {
            const obstacle = memberObstacle(member, members, role);
            return (
              <MemberRow
                key={member.account_id}
                member={member}
                forbidden={obstacle && t(`members.forbidden.${obstacle}`)}
                onRole={(changed) => changeRole(member, changed)}
                onRemove={() => setRemoving(member)}
              />
            );
          })}
        </tbody>
      </table>
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={t("members.removeTitle", { name: removing?.name ?? "" })}
        description={t("members.removeDetail")}
        action={t("members.remove")}
        pending={remove.isPending}
        onConfirm={() => {
          if (!removing) return;
          remove.mutate(path(removing), { onSettled: () => setRemoving(undefined) });
        }}
      />
    </>
  );
}

interface MemberRowProps {
  member: Member;
  forbidden: string | undefined;
  onRole: (role: Role) => void;
  onRemove: () => void;
}

function MemberRow({ member, forbidden, onRole, onRemove }: MemberRowProps) {
  const { t } = useTranslation("organization");
  const account = useAccount();
  const { role: actor } = useMembership();
  const grantable = grantableRoles(actor);
  const select = (
    <Select
      aria-label={t("members.roleOf", { name: member.name })}
      value={member.role}
      aria-disabled={forbidden ? true : undefined}
      className={forbidden ? "opacity-60" : undefined}
      onChange={(event) => {
        const chosen = ROLES.find((role) => role === event.target.value);
        if (chosen && !forbidden) onRole(chosen);
      }}
    >
      {ROLES.map((role) => (
        <option
          key={role}
          value={role}
          disabled={forbidden !== undefined || !grantable.includes(role)}
        >
          {t(`role.${role}`, { ns: "common" })}
        </option>
      ))}
    </Select>
  );
  return (
    <tr>
      <td className="max-w-0 py-2 pe-3 sm:max-w-none">
        <p className="truncate font-medium">
          <bdi>{member.name}</bdi>
          {member.account_id === account.id ? (
            <span className="ms-2 text-ink-3 text-xs">{t("members.you")}</span>
          ) : null}
        </p>
        <p className="truncate text-ink-2 text-xs">
          <bdi>{member.email}</bdi>
        </p>
      </td>
      <td className="w-32 py-2 pe-3">
        {forbidden ? (
          <Tooltip content={forbidden}>
            <span>{select}</span>
          </Tooltip>
        ) : (
          select
        )}
      </td>
      <td className="hidden py-2 pe-3 text-ink-2 sm:table-cell">
        <TimeAgo at={member.joined_at} />
      </td>
      <td className="py-2">
        <IconButton
          label={t("members.removeNamed", { name: member.name })}
          disabledReason={forbidden}
          onClick={onRemove}
        >
          <UserMinus className="flip-rtl" />
        </IconButton>
      </td>
    </tr>
  );
}
