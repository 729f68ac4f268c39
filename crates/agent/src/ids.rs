//! The agent's source of ids.

use atelier_api::ids::{ProcessId, RecordingId, ReplacementId, TerminalId, TrashId, UploadId};
use uuid::Uuid;

fn uuid() -> Uuid {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the agent's source of ids"
    )]
    Uuid::now_v7()
}

/// A new terminal's id; later ones sort after earlier ones.
pub(crate) fn terminal() -> TerminalId {
    TerminalId::from_uuid(uuid())
}

/// A new process's id; later ones sort after earlier ones.
pub(crate) fn process() -> ProcessId {
    ProcessId::from_uuid(uuid())
}

/// A new recording's id; later ones sort after earlier ones.
pub(crate) fn recording() -> RecordingId {
    RecordingId::from_uuid(uuid())
}

/// A new upload's id; later ones sort after earlier ones.
pub(crate) fn upload() -> UploadId {
    UploadId::from_uuid(uuid())
}

/// A new name in the trash; later ones sort after earlier ones.
pub(crate) fn trash() -> TrashId {
    TrashId::from_uuid(uuid())
}

/// A new replacement's id; later ones sort after earlier ones.
pub(crate) fn replacement() -> ReplacementId {
    ReplacementId::from_uuid(uuid())
}
