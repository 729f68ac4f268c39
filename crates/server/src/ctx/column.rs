//! Reading columns that hold what SQL has no type for.

use std::fmt::Display;
use std::str::FromStr;

use atelier_db::sqlx::Row as _;
use atelier_db::{DbError, Row};

use crate::error::{Error, Result};

/// What is stored in the column is not what this version expects.
pub(crate) fn corrupt(column: &'static str, why: &dyn Display) -> Error {
    let detail = why.to_string();
    DbError::Corrupt { column, detail }.into()
}

/// A column that is read from its text.
pub(crate) fn parsed<T: FromStr<Err: Display>>(row: &Row, column: &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse()
        .map_err(|error: T::Err| corrupt(column, &error))
}

/// A whole number in the bounds of its type.
pub(crate) fn number<T: TryFrom<i64, Error: Display>>(
    row: &Row,
    column: &'static str,
) -> Result<T> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|error: T::Error| corrupt(column, &error))
}
