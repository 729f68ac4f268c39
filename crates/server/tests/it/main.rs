//! Stories over the public API, on the real server: one binary, one module a feature.

mod audit;
mod authz;
mod events;
mod identity;
mod jobs;
mod openapi;
mod organizations;
