import type { components, operations } from "./schema.gen";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type AuditEvent = Schemas["AuditEvent"];
export type CloneEvent = Schemas["CloneEvent"];
export type GitEvent = Schemas["GitEvent"];
export type GitHostKeyProblem = Schemas["GitHostKeyProblem"];
export type GitCredential = Schemas["GitCredential"];
export type Member = Schemas["Member"];
export type Membership = Schemas["Membership"];
export type Node = Schemas["Node"];
export type NodeConnectionChange = Schemas["NodeConnectionChange"];
export type NodeConnectionReason = Schemas["NodeConnectionReason"];
/** What of a list of servers is wanted, besides the page. */
export type NodeFilter = Omit<
  NonNullable<operations["node_list"]["parameters"]["query"]>,
  "cursor" | "limit"
>;
export type NodeJob = Schemas["NodeJob"];
export type NodeJobCreate = Schemas["NodeJobCreate"];
export type NodeJobGroup = NonNullable<
  NonNullable<operations["node_job_list"]["parameters"]["query"]>["state"]
>;
export type NodeRun = Schemas["NodeRun"];
export type NodePolicy = Schemas["NodePolicy"];
export type NodeRollout = Schemas["NodeRollout"];
export type NodeToken = Schemas["NodeToken"];
export type NodeTokenCreated = Schemas["NodeTokenCreated"];
export type Preference = Schemas["Preference"];
export type Protection = Schemas["Protection"];
export type Repository = Schemas["Repository"];
export type Role = Schemas["Role"];
export type Schedule = Schemas["Schedule"];
export type ScheduleCreate = Schemas["ScheduleCreate"];
export type Session = Schemas["Session"];
export type TelemetryHistory = Schemas["TelemetryHistory"];
export type TelemetryMetric = Schemas["TelemetryMetric"];
export type TelemetrySample = Schemas["TelemetrySample"];
export type Template = Schemas["Template"];
export type Token = Schemas["Token"];
export type Workspace = Schemas["Workspace"];
export type WorkspaceReading = Schemas["WorkspaceReading"];
export type WorkspaceTelemetry = Schemas["WorkspaceTelemetry"];
export type WorkspaceCreate = Schemas["WorkspaceCreate"];
export type WorkspaceState = Schemas["WorkspaceState"];
export type WorkspaceStep = Schemas["WorkspaceStep"];
