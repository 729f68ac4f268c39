/** In the place of charts that are being read. */
export function ChartSkeletons({ label, count }: { label: string; count: number }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 md:grid-cols-2">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders without identity.
        <div key={index} className="skeleton h-60" />
      ))}
    </div>
  );
}
