//! Writes the site of a release without the rest of the program: `site RELEASE FOLDER [LANGUAGE,…]`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the developer's eyes"
)]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [release, out, languages @ ..] = arguments.as_slice() else {
        eprintln!("site RELEASE FOLDER [LANGUAGE,…]");
        return ExitCode::from(2);
    };
    let languages = languages.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect();
    let options = report::Options { languages, ..report::Options::default() };
    match report::write(Path::new(release), Path::new(out), &options) {
        Ok(summary) => {
            println!("{summary:#?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
