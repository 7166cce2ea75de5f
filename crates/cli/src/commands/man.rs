//! `peil man`: manual pages, one a command.

use clap::CommandFactory;
use pipeline::Error;

use crate::arguments::{Arguments, ManArguments};
use crate::print::message;

pub fn man(arguments: &ManArguments) -> Result<u8, Error> {
    let folder = &arguments.folder;
    let failed = |error| store::Error::Unwritable { path: folder.clone(), error };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(failed)?;
    message(&format!("pages written in `{0}`: `man {0}/peil.1`", folder.display()));
    Ok(0)
}
