//! Delimited text: from bytes to UTF-8, to pieces that can be read side by side, to records with their fields.

mod blank;
mod dialect;
mod encoding;
mod quoted_rows;
mod reader;
mod record;
mod rows;
mod segments;
mod signs;
mod start;

pub use blank::trim;
pub use dialect::{Dialect, END_MARK};
pub use encoding::{Charset, Decision, Declared, Failure, Misfit, decide, fall_back};
pub use quoted_rows::{LinesLikeRows, cells_inside, lines_like_rows};
pub use reader::TextReader;
pub use record::{End, Record, Span};
pub use rows::{TextRow, Unclosed, all_rows};
pub use segments::{Cutting, Segments};
pub use signs::{Signs, count};
pub use start::{ends_lines_with_carriage_return, first_line_end, separator_line};
