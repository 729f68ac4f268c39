//! Keyset paging.

use atelier_api::page::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};

use crate::error::{Error, Result};

/// The page size: what was asked for, within bounds.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32> {
    match asked {
        None => Ok(PAGE_LIMIT_DEFAULT),
        Some(limit) if (1..=PAGE_LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Error::invalid(
            "limit",
            format!("A page holds 1 to {PAGE_LIMIT_MAX} rows."),
        )),
    }
}

/// Cuts rows that were read with `limit + 1` to a page, with the cursor of the next one.
pub(crate) fn cut<T>(
    mut rows: Vec<T>,
    limit: u32,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let limit = limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(cursor) } else { None };
    (rows, next)
}
