//! `peil completions`: what a shell needs to complete commands.

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::print::data;

pub fn completions(arguments: &CompletionsArguments) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "peil", &mut script);
    data(&String::from_utf8_lossy(&script));
    0
}
