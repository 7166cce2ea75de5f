//! A project to begin with: from exports as a producer writes them, or from nothing with a tiny synthetic survey.

mod codebook;
mod codes;
mod column;
mod draft;
mod error;
mod example;
mod file;
mod profile;
mod request;
mod settings;
mod table;
mod values;
mod write;

pub use draft::{Draft, draft};
pub use error::Error;
pub use request::Request;
pub use write::{Written, write};
