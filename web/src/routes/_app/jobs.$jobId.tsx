import { createFileRoute } from "@tanstack/react-router";
import { JobPage } from "@/features/node-jobs/job-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/jobs/$jobId")({
  loader: () => loadTexts("jobs"),
  component: JobRoute,
});

function JobRoute() {
  const { jobId } = Route.useParams();
  return <JobPage key={jobId} jobId={jobId} />;
}
