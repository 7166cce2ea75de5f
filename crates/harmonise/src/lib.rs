//! Items as concepts that all waves share: their columns, missing reasons, derived concepts.

mod column;
mod derive;
mod error;
mod fates;
mod recode;

pub use error::{DerivationMistake, Error, ErrorKind};
pub use recode::{Settings, recode};
