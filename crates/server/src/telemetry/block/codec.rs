//! The bytes of a block.
//!
//! ```text
//! version 1 · rows · first time (zigzag) · distances of the others, as a column
//! columns · for each: code · part · length and bytes of the name · the column
//! column: an entry for each row. 0: no value · 1 n: as the entry before, n times more · k ≥ 2: the
//! value differs from the value before by zigzag⁻¹(k - 2)
//! ```
//!
//! All numbers are LEB128. Bytes that are not understood are refused as a whole.

use super::{Block, Column, Part, Series};

const VERSION: u8 = 1;

/// No block has more rows: a day of the fastest permitted measuring is cut into many blocks.
const ROWS_MAX: u64 = 100_000;

/// No block has more columns.
const COLUMNS_MAX: u64 = 10_000;

/// The bytes of a block.
pub(in crate::telemetry) fn encode(block: &Block) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    put(&mut bytes, block.times.len() as u64);
    let Some(first) = block.times.first() else {
        return bytes;
    };
    put(&mut bytes, zigzag(*first));
    let distance = |pair: &[i64]| Some(pair[1].abs_diff(pair[0]));
    put_column(&mut bytes, block.times.windows(2).map(distance));
    put(&mut bytes, block.columns.len() as u64);
    for (series, column) in &block.columns {
        bytes.push(series.code);
        bytes.push(match series.part {
            Part::Average => 0,
            Part::Low => 1,
            Part::High => 2,
        });
        put(&mut bytes, series.of.len() as u64);
        bytes.extend_from_slice(series.of.as_bytes());
        put_column(&mut bytes, column.iter().copied());
    }
    bytes
}

/// The block that these bytes are of; none when they are of none.
pub(in crate::telemetry) fn decode(bytes: &[u8]) -> Option<Block> {
    let mut reader = Reader(bytes);
    if reader.byte()? != VERSION {
        return None;
    }
    let rows = usize::try_from(reader.at_most(ROWS_MAX)?).ok()?;
    let mut block = Block::default();
    if rows == 0 {
        return Some(block);
    }
    let mut at = unzigzag(reader.number()?);
    block.times.push(at);
    for distance in reader.column(rows - 1)? {
        let distance = distance.filter(|distance| *distance > 0)?;
        at = at.checked_add_unsigned(distance)?;
        block.times.push(at);
    }
    for _ in 0..reader.at_most(COLUMNS_MAX)? {
        let code = reader.byte()?;
        let part = match reader.byte()? {
            0 => Part::Average,
            1 => Part::Low,
            2 => Part::High,
            _ => return None,
        };
        let of = std::str::from_utf8(reader.bytes()?).ok()?.into();
        let column = reader.column(rows)?;
        block.columns.insert(Series { code, part, of }, column);
    }
    reader.0.is_empty().then_some(block)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn put_column(bytes: &mut Vec<u8>, entries: impl Iterator<Item = Option<u64>>) {
    let mut entries = entries.peekable();
    let mut before = 0;
    while let Some(entry) = entries.next() {
        match entry {
            None => put(bytes, 0),
            Some(value) => {
                let difference = value.wrapping_sub(before).cast_signed();
                put(bytes, zigzag(difference).saturating_add(2));
                before = value;
            }
        }
        let mut same = 0_u64;
        while entries.next_if_eq(&entry).is_some() {
            same += 1;
        }
        if same > 0 {
            put(bytes, 1);
            put(bytes, same);
        }
    }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn at_most(&mut self, most: u64) -> Option<u64> {
        self.number().filter(|number| *number <= most)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn column(&mut self, rows: usize) -> Option<Column> {
        let mut column = Column::with_capacity(rows);
        let mut before = 0_u64;
        while column.len() < rows {
            match self.number()? {
                0 => column.push(None),
                1 => {
                    let room = rows - column.len();
                    let same = usize::try_from(self.number()?).ok()?;
                    let entry = *column.last()?;
                    if same == 0 || same > room {
                        return None;
                    }
                    column.resize(column.len() + same, entry);
                }
                number => {
                    before = before.wrapping_add_signed(unzigzag(number - 2));
                    column.push(Some(before));
                }
            }
        }
        Some(column)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn blocks() -> impl Strategy<Value = Block> {
        let times = vec(-1_i64 << 50..1 << 50, 0..40);
        times.prop_flat_map(|mut times| {
            times.sort_unstable();
            times.dedup();
            let rows = times.len();
            let part = prop_oneof![Just(Part::Average), Just(Part::Low), Just(Part::High)];
            let series = (any::<u8>(), part, ".{0,8}").prop_map(|(code, part, of)| Series {
                code,
                part,
                of: of.into(),
            });
            let value = prop_oneof![0..5_u64, 0..1_u64 << 62];
            let columns = btree_map(series, vec(option::of(value), rows), 0..6);
            columns.prop_map(move |columns| Block {
                times: times.clone(),
                columns: if rows == 0 {
                    BTreeMap::default()
                } else {
                    columns
                },
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(block in blocks()) {
            prop_assert_eq!(decode(&encode(&block)), Some(block));
        }

        #[test]
        fn nothing_that_is_read_breaks_it(bytes in vec(any::<u8>(), 0..200), cut in 0..200_usize) {
            decode(&bytes);
            let mut block = Block::default();
            block.put(1, []);
            let mut broken = encode(&block);
            broken.truncate(cut.min(broken.len()));
            broken.extend(&bytes);
            decode(&broken);
        }
    }

    #[test]
    fn what_stays_the_same_takes_next_to_nothing() {
        let mut block = Block::default();
        let series = Series {
            code: 3,
            part: Part::Average,
            of: "".into(),
        };
        for row in 0..1_000 {
            block.put(
                1_700_000_000_000 + row * 60_000,
                [(series.clone(), 16 << 30)],
            );
        }
        assert!(encode(&block).len() < 40, "{}", encode(&block).len());
        assert_eq!(decode(&encode(&block)), Some(block));
    }

    #[test]
    fn a_block_that_announces_too_much_is_refused() {
        let mut bytes = vec![VERSION];
        put(&mut bytes, u64::MAX);
        assert_eq!(decode(&bytes), None);
    }
}
