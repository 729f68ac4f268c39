//! Nodes: the servers that workspaces run on, and the links to them.

/// The links to the nodes.
#[derive(Debug, Clone, Default)]
pub struct Nodes {}
