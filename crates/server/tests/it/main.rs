//! Stories over the public API, on the real server: one binary, one module a feature.

mod audit;
mod authz;
mod bridge;
mod events;
mod git_credentials;
mod identity;
mod jobs;
mod nodes;
mod openapi;
mod organizations;
mod ports;
mod preferences;
mod repositories;
mod schedules;
mod terminal_shares;
