//! A screen that follows a terminal's output from a distance: output is played to it later, with
//! every change of size at its place.

use std::collections::VecDeque;

use super::screen::{Screen, Size};

/// How many changes of size are remembered; a window that is dragged makes hundreds.
const RESIZES_MAX: usize = 1024;

/// A screen at some offset of a terminal's output.
pub(super) struct Playback {
    /// Made when it is first needed: most terminals never fill their ring.
    screen: Option<Box<Screen>>,
    size: Size,
    position: u64,
    /// Changes of size at or after `position`, oldest first.
    resizes: VecDeque<(u64, Size)>,
}

impl Playback {
    /// A cleared screen at offset 0.
    pub(super) fn new(size: Size) -> Self {
        Self {
            screen: None,
            size,
            position: 0,
            resizes: VecDeque::new(),
        }
    }

    /// The offset of the next byte to be played.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Remembers that the size changed when the output was at `offset`.
    pub(super) fn resized(&mut self, offset: u64, size: Size) {
        if self.resizes.back().is_some_and(|(last, _)| *last == offset) {
            self.resizes.pop_back();
        }
        self.resizes.push_back((offset, size));
        if self.resizes.len() > RESIZES_MAX {
            // The oldest takes effect too early then, which only touches how old lines wrap.
            let (_, size) = self
                .resizes
                .pop_front()
                .expect("it is longer than the maximum");
            self.resize(size);
        }
    }

    /// Draws the next bytes.
    pub(super) fn play(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.catch_up();
            let until_resize = self
                .resizes
                .front()
                .map_or(u64::MAX, |(at, _)| at - self.position);
            let count = bytes
                .len()
                .min(usize::try_from(until_resize).unwrap_or(usize::MAX));
            self.screen().feed(&bytes[..count]);
            self.position += count as u64;
            bytes = &bytes[count..];
        }
    }

    /// The same, to be played on apart.
    pub(super) fn fork(&self) -> Self {
        Self {
            screen: self.screen.as_ref().map(|screen| Box::new(screen.fork())),
            size: self.size,
            position: self.position,
            resizes: self.resizes.clone(),
        }
    }

    /// Bytes that draw the screen at this position.
    pub(super) fn snapshot(&mut self) -> Vec<u8> {
        self.catch_up();
        self.screen().snapshot()
    }

    fn screen(&mut self) -> &mut Screen {
        self.screen
            .get_or_insert_with(|| Box::new(Screen::new(self.size)))
    }

    /// Makes the changes of size that are due.
    fn catch_up(&mut self) {
        while let Some((_, size)) = self.resizes.pop_front_if(|(at, _)| *at <= self.position) {
            self.resize(size);
        }
    }

    fn resize(&mut self, size: Size) {
        self.size = size;
        if let Some(screen) = &mut self.screen {
            screen.resize(size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_change_at_their_place() {
        let mut late = Playback::new(Size { cols: 10, rows: 3 });
        late.resized(4, Size { cols: 2, rows: 3 });
        late.resized(4, Size { cols: 3, rows: 3 });
        late.play(b"abcdefgh");
        let mut direct = Screen::new(Size { cols: 10, rows: 3 });
        direct.feed(b"abcd");
        direct.resize(Size { cols: 3, rows: 3 });
        direct.feed(b"efgh");
        assert_eq!(late.snapshot(), direct.snapshot());
        assert_eq!(late.position(), 8);
    }

    #[test]
    fn remembered_sizes_are_bounded() {
        let mut playback = Playback::new(Size { cols: 80, rows: 24 });
        for offset in 0..5000 {
            playback.resized(
                offset,
                Size {
                    cols: 10,
                    rows: 1 + u16::try_from(offset % 50).unwrap(),
                },
            );
        }
        assert_eq!(playback.resizes.len(), RESIZES_MAX);
        playback.play(b"still here");
    }
}
