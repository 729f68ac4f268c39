//! Stories over the public API, on the real server: one binary, one module a feature.

mod authz;
mod identity;
mod openapi;
mod organizations;
