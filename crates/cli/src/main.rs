//! `peil`: from the raw deliveries of a survey wave to weighted, documented marts.

mod arguments;
mod commands;
mod outside;
mod print;
mod progress;

use std::panic;
use std::process::ExitCode;

use clap::Parser;
use pipeline::{End, Error};

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            let asked_for = matches!(
                error.kind(),
                clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
            );
            return if asked_for {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(End::Configuration.exit_code())
            };
        }
    };
    outside::start_log(&arguments);
    outside::watch_for_bugs();
    match panic::catch_unwind(|| dispatch(&arguments)) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            print::error(&error);
            ExitCode::from(error.end().exit_code())
        }
        Err(_) => {
            print::bug(
                concat!("this is a bug in peil ", env!("CARGO_PKG_VERSION")),
                "what ran before it is kept, the current release stays in place; report the lines above, they hold no answers",
            );
            ExitCode::from(End::Bug.exit_code())
        }
    }
}

fn dispatch(arguments: &Arguments) -> Result<u8, Error> {
    let Some(command) = &arguments.command else {
        print::message(&commands::next());
        return Ok(0);
    };
    match command {
        Command::Init(of) => commands::init::init(of),
        Command::Run(of) => commands::run::run(of),
        Command::Plan(of) => commands::plan::plan(of),
        Command::Check(of) => commands::check::check(of),
        Command::Show(of) => commands::show::show(of),
        Command::Findings(of) => commands::findings::findings(of),
        Command::Runs(of) => commands::runs::runs(of),
        Command::Releases(of) => commands::releases::releases(of),
        Command::Verify(of) => commands::releases::verify(of),
        Command::Rollback(of) => commands::releases::rollback(of),
        Command::Audit(of) => commands::audit::audit(of),
        Command::Export(of) => commands::export::export(of),
        Command::Report(of) => commands::report::report(of),
        Command::Diff(of) => commands::diff::diff(of),
        Command::Ingest(of) => commands::ingest::ingest(of),
        Command::Propose(of) => commands::propose::run(of),
        Command::Key(of) => commands::key::key(of),
        Command::Completions(of) => Ok(commands::completions::completions(of)),
        Command::Schema(of) => commands::schema::schema(of),
        Command::Man(of) => commands::man::man(of),
    }
}
