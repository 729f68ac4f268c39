import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface PageProps {
  title: string;
  description?: ReactNode;
  /** Buttons at the end of the heading. */
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A page below the top bar: its heading and its content. */
export function Page({ title, description, actions, className, children }: PageProps) {
  return (
    <div className={cn("mx-auto max-w-5xl p-4 sm:p-6", className)}>
      <title>{`${title} · Atelier`}</title>
      <header className="mb-5 flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="font-semibold text-xl">{title}</h1>
          {description ? <p className="mt-1 max-w-2xl text-ink-2">{description}</p> : null}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  /** For links to it. */
  id: string;
  title: string;
  description: ReactNode;
  children: ReactNode;
}

/** One subject of a page: what it is at the start side, its controls at the end side. */
export function Section({ id, title, description, children }: SectionProps) {
  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="grid gap-x-8 gap-y-3 border-t py-6 md:grid-cols-[16rem_1fr]"
    >
      <div>
        <h2 id={`${id}-title`} className="font-semibold text-base">
          {title}
        </h2>
        <p className="mt-1 text-ink-2">{description}</p>
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}

/** Lines in place of a list that is being read. */
export function RowSkeletons({ label, rows }: { label: string; rows: number }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 py-2">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders without identity.
        <div key={index} className="skeleton h-8" />
      ))}
    </div>
  );
}
