//! Identity: set-up, sign-in, sessions, passwords, tokens.

mod account;
mod audited;
mod cross_site;
mod sessions;
mod setup;
mod sign_in;
mod tokens;
