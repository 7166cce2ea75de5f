//! Items as concepts that all waves share: crosswalks, missing reasons, derived concepts.

mod column;
mod derive;
mod error;
mod fates;
mod meaning;
mod recode;

pub use error::{DerivationMistake, Error, ErrorKind, Unmapped};
pub use recode::{Settings, recode};
