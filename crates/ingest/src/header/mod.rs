//! Which rows are the header: each is recognised by what it says, none is counted off.

mod known;
mod refusal;
mod search;
mod signs;

pub use known::KnownHeaders;
pub(crate) use search::{Found, Search, Unrecognised};
pub(crate) use signs::is_answer;
