//! The commands, one a module.

pub(crate) mod agent;
pub(crate) mod audit;
pub(crate) mod cp;
pub(crate) mod describe;
pub(crate) mod exec;
pub(crate) mod file;
pub(crate) mod login;
pub(crate) mod node;
pub(crate) mod nodes;
mod nodes_figures;
pub(crate) mod nodes_run;
pub(crate) mod nodes_schedule;
pub(crate) mod nodes_update;
pub(crate) mod policy;
pub(crate) mod port;
pub(crate) mod preference;
pub(crate) mod sandbox;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod terminal;
pub(crate) mod trash;
pub(crate) mod workspace;
