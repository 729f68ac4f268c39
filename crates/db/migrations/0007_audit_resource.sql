-- What happened to one thing: a server's page asks for it.
CREATE INDEX audit_events_by_resource ON audit_events (organization_id, resource, sequence);
