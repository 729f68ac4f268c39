//! What holds on this node: found out by building a sandbox in which nothing runs.

use std::io;
use std::path::Path;

use atelier_api::node::{Protection, WorkspaceLimits};

use super::launch::{LaunchError, launch_or_degrade};
use super::sandbox::{SandboxSpec, SandboxStorage};
use super::{HostDriver, protections};
use crate::Launcher;

impl HostDriver {
    /// What holds on this node, found out by building a sandbox once.
    pub(crate) async fn node_protections(&self) -> Vec<Protection> {
        let found = self.node_protections.get_or_init(|| async {
            let Launcher::Sandbox { program } = &self.launcher else {
                return protections::none();
            };
            let limits = self.limits(&WorkspaceLimits::default());
            match self.probe(program).await {
                Ok(found) => protections::complete(found, &self.cgroups, &limits),
                Err(error) => protections::failed(&error.0),
            }
        });
        found.await.clone()
    }

    async fn probe(&self, program: &Path) -> Result<Vec<Protection>, LaunchError> {
        let io = |error: io::Error| LaunchError(format!("Its files are not usable: {error}."));
        let uid = match &self.uids {
            Some(pool) => pool
                .take()
                .ok_or_else(|| LaunchError("No user id is free.".into()))?,
            None => rustix::process::geteuid().as_raw(),
        };
        let directory = self.storage.root().join("run/probe");
        self.storage.trash(&directory).map_err(io)?;
        std::fs::create_dir(&directory).map_err(io)?;
        let spec = SandboxSpec {
            storage: SandboxStorage {
                workspace: directory.clone(),
                home: directory.clone(),
                tmp: directory.clone(),
                var_tmp: directory.clone(),
                run: directory.clone(),
            },
            probe: true,
            ..self.sandbox_spec(program, "probe", uid, Vec::new())
        };
        let launched = launch_or_degrade(program, spec, &directory.join("log")).await;
        self.give_back_uid(uid);
        self.storage.trash(&directory).map_err(io)?;
        Ok(launched?.protections)
    }
}
