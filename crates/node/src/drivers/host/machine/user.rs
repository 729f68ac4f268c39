//! The user that acts on the machine.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::HostPolicy;

/// The users that are taken when the owner names none: one made for it, else the one that owns nothing.
const FALLBACKS: &[&str] = &["atelier", "nobody"];

/// A line of `/etc/passwd`, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MachineUser {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Where terminals begin.
    pub(crate) home: PathBuf,
}

impl MachineUser {
    /// The user that the policy wants. `switches`: the node is root and takes on other ids.
    pub(crate) fn choose(policy: &HostPolicy, switches: bool) -> Result<Self, String> {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let own = rustix::process::geteuid().as_raw();
        choose(&passwd, policy, switches, own).map(Self::with_existing_home)
    }

    /// Accounts of services have homes that are not there.
    fn with_existing_home(mut self) -> Self {
        if !self.home.is_dir() {
            self.home = "/".into();
        }
        self
    }
}

fn choose(
    passwd: &str,
    policy: &HostPolicy,
    switches: bool,
    own: u32,
) -> Result<MachineUser, String> {
    let wanted = policy.machine_user.as_deref();
    let named = |name: &str| users(passwd).find(|user| user.name == name);
    if let Some(name) = wanted {
        let user = named(name).ok_or_else(|| {
            format!("machine_user: there is no user `{name}` in /etc/passwd; make one (useradd)")
        })?;
        if user.uid == 0 && !policy.permits.privileged {
            return Err("machine_user: root acts only where `privileged = true` stands".into());
        }
        if user.uid != own && !switches {
            return Err(format!(
                "machine_user: only a node that runs as root can act as `{name}`"
            ));
        }
        return Ok(user);
    }
    if switches && !policy.permits.privileged {
        return FALLBACKS
            .iter()
            .find_map(|name| named(name))
            .ok_or_else(|| {
                "there is neither a user `atelier` nor `nobody`; name another one (machine_user)"
                    .into()
            });
    }
    Ok(users(passwd)
        .find(|user| user.uid == own)
        .unwrap_or_else(|| MachineUser {
            name: own.to_string(),
            uid: own,
            gid: rustix::process::getegid().as_raw(),
            home: "/".into(),
        }))
}

fn users(passwd: &str) -> impl Iterator<Item = MachineUser> {
    passwd.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, home, _] = fields[..] else {
            return None;
        };
        Some(MachineUser {
            name: name.to_owned(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            home: home.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use atelier_api::node::NodePolicy;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nbroken\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
        ada:x:1001:1002:Ada,,,:/home/ada:/bin/zsh\n";

    fn policy(machine_user: Option<&str>, privileged: bool) -> HostPolicy {
        HostPolicy {
            machine_user: machine_user.map(str::to_owned),
            commands: atelier_policy::Policy::default(),
            permits: NodePolicy {
                privileged,
                ..NodePolicy::default()
            },
        }
    }

    #[test]
    fn root_acts_only_where_it_is_permitted() {
        let with_own = format!("{PASSWD}atelier:x:900:901::/var/lib/atelier:/bin/bash\n");
        for (passwd, wanted, privileged, expected) in [
            (PASSWD, None, false, Some(65534)),
            (with_own.as_str(), None, false, Some(900)),
            (PASSWD, None, true, Some(0)),
            (PASSWD, Some("ada"), false, Some(1001)),
            (PASSWD, Some("ada"), true, Some(1001)),
            (PASSWD, Some("root"), false, None),
            (PASSWD, Some("root"), true, Some(0)),
            (PASSWD, Some("eve"), false, None),
            ("root:x:0:0::/root:/bin/sh\n", None, false, None),
        ] {
            let chosen = choose(passwd, &policy(wanted, privileged), true, 0);
            assert_eq!(chosen.ok().map(|user| user.uid), expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_node_that_is_not_root_acts_as_itself() {
        let chosen = choose(PASSWD, &policy(None, false), false, 1001).unwrap();
        assert_eq!((chosen.name.as_str(), chosen.gid), ("ada", 1002));
        assert!(choose(PASSWD, &policy(Some("nobody"), false), false, 1001).is_err());
        let unlisted = choose(PASSWD, &policy(None, false), false, 7).unwrap();
        assert_eq!(unlisted.uid, 7);
    }
}
