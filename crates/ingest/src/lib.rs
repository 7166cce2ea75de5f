//! Reads a delivery as it came: every cell as text with its class and address; nothing guessed, nothing lost.
//!
//! Three rooms, one direction: reading (all modules but two), the first look at an unknown file (`look`) and the marked copy for
//! a supplier (`annotate`) use reading; reading uses neither.

mod all_rows;
mod annotate;
mod assemble;
mod batches;
mod begun;
mod chunk;
mod classify;
mod column;
mod delimited;
mod delivery;
mod error;
mod file;
mod findings;
mod header;
mod identifier;
mod key;
mod layout;
mod limits;
mod look;
mod met;
mod names;
mod opened;
mod page;
mod read;
mod receipt;
mod record_ids;
mod second_reader;
mod shape;
mod sheets;
mod table;
mod tally;
mod why;

pub use annotate::{Annotated, annotate};
pub use batches::Batches;
pub use delivery::Delivery;
pub use error::{Error, Kind, Place};
pub use file::{MinimumAge, open_file};
pub use header::KnownHeaders;
pub use key::{Key, SHORTEST_KEY_BYTES, WeakKey};
pub use limits::Limits;
pub use look::{
    Candidate, ColumnLook, ConceptMatch, HeaderCandidate, Known, Look, Nearest, Options, Outside,
    ReadBy, first_rows, look, look_text, look_within, plain_letter,
};
pub use read::{read, read_in_batches, read_within};
pub use receipt::receipt_text;
pub use second_reader::{Otherwise, SecondReading, read_twice};
pub use why::Why;
