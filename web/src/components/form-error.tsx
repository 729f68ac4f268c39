import { CircleAlert } from "lucide-react";

/** What the server said of a form as a whole. Takes no room while there is nothing to say. */
export function FormError({ message }: { message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <bdi className="min-w-0 wrap-anywhere">{message}</bdi>
    </p>
  );
}
