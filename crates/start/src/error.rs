//! Why no project was begun.

use std::io;
use std::path::PathBuf;

/// Why no project was begun; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{}` is there already\nhint: {EXISTS}", .0.display())]
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

const EXISTS: &str =
    "`peil check` looks at the project; `--dir FOLDER` begins another one elsewhere";

impl From<Error> for pipeline::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Read(error) => error,
            Error::Write { path, error } => store::Error::Unwritable { path, error }.into(),
            Error::Exists(path) => Self::Settings {
                path,
                problem: "is there already".to_owned(),
                hint: EXISTS.to_owned(),
            },
            Error::File { file: path, problem, hint } => Self::Settings { path, problem, hint },
            Error::Flags { problem, hint } => {
                Self::Settings { path: PathBuf::from("peil init"), problem, hint }
            }
        }
    }
}
