//! Why no project was begun.

use std::io;
use std::path::PathBuf;

/// Why no project was begun; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{}` is there already\nhint: `peil check` looks at the project; `--dir FOLDER` begins another one elsewhere", .0.display())]
    Exists(PathBuf),
    #[error("`{}`: {problem}\nhint: {hint}", .file.display())]
    File { file: PathBuf, problem: String, hint: String },
    #[error("{problem}\nhint: {hint}")]
    Flags { problem: String, hint: String },
    #[error("`{}` cannot be written: {error}", .path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Read(pipeline::Error),
}

impl From<Error> for pipeline::Error {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let (problem, hint) =
            text.split_once("\nhint: ").unwrap_or((&text, "see `peil init --help`"));
        match error {
            Error::Read(error) => error,
            Error::Write { path, error } => store::Error::Unwritable { path, error }.into(),
            Error::Exists(path) | Error::File { file: path, .. } => {
                let problem =
                    problem.rsplit_once("`: ").map_or("is there already", |(_, text)| text);
                Self::Settings { path, problem: problem.to_owned(), hint: hint.to_owned() }
            }
            Error::Flags { .. } => Self::Settings {
                path: PathBuf::from("peil init"),
                problem: problem.to_owned(),
                hint: hint.to_owned(),
            },
        }
    }
}
