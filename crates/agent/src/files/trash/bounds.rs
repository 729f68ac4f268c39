//! What keeps the trash from growing for ever.

use atelier_api::Timestamp;
use atelier_api::agent::trash::{
    TRASH_BYTES_MAX, TRASH_DAYS, TRASH_ITEMS_MAX, TRASH_KEPT_MINUTES, TrashEntry,
};
use atelier_api::ids::TrashId;

use super::record::Record;
use super::{Trash, id_of, size};
use crate::clock;
use crate::files::entry;
use crate::files::error::Result;
use crate::files::list::each_entry;
use crate::files::root::RootDir;

const MINUTE_MS: u64 = 60 * 1000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// After how long a record without an entry is what a killed agent left, in milliseconds.
const UNFINISHED_MS: u64 = 60 * MINUTE_MS;

/// Measures what has come into the trash, and lets go what is too much. Takes as long as it takes to walk what
/// has come; nobody waits for it.
pub(crate) fn settle(root: &RootDir) -> Result<()> {
    let Some(trash) = Trash::find(root)? else {
        return Ok(());
    };
    let now = clock::now();
    for id in unfinished(&trash, now)? {
        trash.delete(id)?;
    }
    let mut items = trash.list()?.items;
    for entry in &mut items {
        if entry.size.is_none() {
            entry.size = Some(measure(&trash, entry.id)?);
        }
    }
    for id in superfluous(&items, now) {
        tracing::info!(trash.id = %id, "deleted from the trash for good: it is old, or too much");
        trash.delete(id)?;
    }
    Ok(())
}

fn measure(trash: &Trash<'_>, id: TrashId) -> Result<u64> {
    let item = trash.item(id)?;
    let size = size::measure(&item);
    let mut record = Record::read(&item.parent)?;
    record.size = Some(size);
    record.save(&item.parent)?;
    Ok(size)
}

/// Items that have been without an entry for long.
fn unfinished(trash: &Trash<'_>, now: Timestamp) -> Result<Vec<TrashId>> {
    let mut found = Vec::new();
    each_entry(&trash.directory, |name, _| {
        let Some(id) = id_of(name) else { return Ok(()) };
        let item = trash.item(id)?;
        let made_at = entry::modified_at(&entry::metadata(&item.parent)?);
        if age_ms(made_at, now) > UNFINISHED_MS && item.metadata()?.is_none() {
            found.push(id);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Which of the entries, newest first, go.
fn superfluous(items: &[TrashEntry], now: Timestamp) -> Vec<TrashId> {
    let mut bytes: u64 = 0;
    let mut gone = Vec::new();
    for (index, entry) in items.iter().enumerate() {
        bytes = bytes.saturating_add(entry.size.unwrap_or(0));
        let age = age_ms(entry.deleted_at, now);
        let is_too_much =
            age > TRASH_DAYS * DAY_MS || index >= TRASH_ITEMS_MAX || bytes > TRASH_BYTES_MAX;
        if is_too_much && age > TRASH_KEPT_MINUTES * MINUTE_MS {
            gone.push(entry.id);
        }
    }
    gone
}

/// How old, in milliseconds; what the clock says is in the future is new.
fn age_ms(then: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.0.saturating_sub(then.0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use atelier_api::agent::files::FileKind;

    use super::*;
    use crate::ids;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn entry(age_minutes: u64, size: u64) -> TrashEntry {
        TrashEntry {
            id: ids::trash(),
            name: "a".into(),
            path: "a".into(),
            kind: FileKind::File,
            size: Some(size),
            deleted_at: Timestamp(NOW.0 - (age_minutes * MINUTE_MS).cast_signed()),
        }
    }

    #[test]
    fn the_oldest_go_when_there_is_too_much() {
        let items = [entry(0, 1), entry(20, TRASH_BYTES_MAX), entry(30, 1)];
        assert_eq!(superfluous(&items, NOW), [items[1].id, items[2].id]);
        assert_eq!(superfluous(&items[..1], NOW), []);
    }

    #[test]
    fn what_is_old_goes_and_what_was_just_deleted_stays() {
        let month = TRASH_DAYS * 24 * 60;
        let items = [
            entry(1, 2 * TRASH_BYTES_MAX),
            entry(5, 1),
            entry(month + 1, 1),
        ];
        assert_eq!(superfluous(&items, NOW), [items[2].id]);
        let future = Timestamp(NOW.0 - 60_000);
        assert_eq!(superfluous(&items[..2], future), []);
    }

    #[test]
    fn there_are_never_too_many() {
        let items: Vec<_> = (0..TRASH_ITEMS_MAX as u64 + 3)
            .map(|age| entry(age + 20, 0))
            .collect();
        assert_eq!(superfluous(&items, NOW).len(), 3);
    }
}
