//! The SQL marts of a release on workers, with the answers that they have on one machine.

mod engine;
mod error;
mod marts;
mod output;
mod release;
mod run;
mod worker;
mod workers;

pub use engine::Limits;
pub use error::Error;
pub use run::{Made, Summary, Task, run};
pub use worker::{Listening, serve};
