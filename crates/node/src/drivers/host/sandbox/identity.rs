//! Becoming the workspace's user, for good.

use std::io;

use rustix::process::{
    DumpableBehavior, Gid, Resource, Rlimit, Uid, getrlimit, set_dumpable_behavior, setrlimit,
};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    set_capabilities, set_capabilities_secure_bits, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use super::namespaces::Level;
use super::{During, SandboxError, SandboxSpec};

/// Files that a process may open by default: enough for bundlers and their watchers, and harmless
/// to programs that size tables by it.
const OPEN_FILES: u64 = 16_384;

/// Drops every capability, takes the workspace's ids and sets `no_new_privs`.
pub(super) fn drop_privileges(spec: &SandboxSpec, level: Level) -> Result<(), SandboxError> {
    limit_resources(spec, level);
    leave_keyring();
    if level.mounts() {
        empty_bounding_set().during(|| "dropping the capability bounding set".into())?;
        let bits = CapabilitiesSecureBits::NO_ROOT
            | CapabilitiesSecureBits::NO_ROOT_LOCKED
            | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
            | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
        set_capabilities_secure_bits(bits).during(|| "setting the secure bits".into())?;
    }
    let _ = clear_ambient_capability_set();
    if level == Level::Privileged {
        let (uid, gid) = (Uid::from_raw(spec.uid), Gid::from_raw(spec.gid));
        set_thread_groups(&[]).during(|| "leaving all groups".into())?;
        set_thread_res_gid(gid, gid, gid).during(|| format!("becoming group {}", spec.gid))?;
        set_thread_res_uid(uid, uid, uid).during(|| format!("becoming user {}", spec.uid))?;
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).during(|| "dropping all capabilities".into())?;
    set_no_new_privs(true).during(|| "setting no_new_privs".into())?;
    // The init may be of the same user as everything else in the workspace; nothing of it is
    // theirs to read or trace. The agent becomes traceable again by being executed.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .during(|| "closing the init's memory to others".into())
}

fn limit_resources(spec: &SandboxSpec, level: Level) {
    let set = |resource, current: u64, maximum: Option<u64>| {
        let _ = setrlimit(
            resource,
            Rlimit {
                current: Some(current),
                maximum,
            },
        );
    };
    // A core dump would take the memory of whatever crashed, secrets too, out of the sandbox. One
    // byte is too little for a file and, unlike none, also keeps the kernel from piping the dump to
    // the host's crash handler (fs/coredump.c).
    set(Resource::Core, 1, Some(1));
    let hard = getrlimit(Resource::Nofile).maximum;
    set(
        Resource::Nofile,
        hard.unwrap_or(OPEN_FILES).min(OPEN_FILES),
        hard,
    );
    // Counted per user, in a user namespace since Linux 5.14: without one it would count, and stop,
    // the other programs of the node's user too.
    if let Some(limit) = spec.process_limit
        && level.mounts()
    {
        set(Resource::Nproc, limit, Some(limit));
    }
}

/// Takes an empty session keyring, in place of the one inherited from whoever started the node.
pub(crate) fn leave_keyring() {
    #[expect(unsafe_code, reason = "keyctl(2) has no wrapper")]
    // SAFETY: KEYCTL_JOIN_SESSION_KEYRING with a null name takes no pointer that is read.
    unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            libc::KEYCTL_JOIN_SESSION_KEYRING,
            std::ptr::null::<libc::c_char>(),
        );
    }
}

fn empty_bounding_set() -> io::Result<()> {
    // The kernel refuses the first number that it does not know with EINVAL.
    for capability in 0..64 {
        #[expect(unsafe_code, reason = "the safe wrapper knows only named capabilities")]
        // SAFETY: PR_CAPBSET_DROP takes a plain number.
        let dropped = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        if dropped != 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() == Some(libc::EINVAL) {
                break;
            }
            return Err(error);
        }
    }
    Ok(())
}
