//! The signs by which a text is cut.

/// Signs of a dialect; all ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// `\n` (with or without `\r` before it), or `\r` in files of old.
    pub newline: u8,
}

/// The end mark of DOS, control-Z.
pub const END_MARK: u8 = 0x1a;
