//! Why no project was begun.

use std::io;
use std::path::PathBuf;

use survey::{Hinted, Message};

/// Why no project was begun; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{}` is there already", .0.display())]
    Exists(PathBuf),
    #[error("`{}`: {problem}", .file.display())]
    File { file: PathBuf, problem: String, hint: String },
    #[error("{problem}")]
    Flags { problem: String, hint: String },
    #[error("`{}` cannot be written: {error}", .path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Read(pipeline::Error),
}

const EXISTS: &str =
    "`peil check` looks at the project; `--dir FOLDER` begins another one elsewhere";

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some(EXISTS.to_owned()),
            Self::File { hint, .. } | Self::Flags { hint, .. } => Some(hint.clone()),
            Self::Write { .. } => None,
            Self::Read(error) => error.hint(),
        }
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Read(error) => error.messages(),
            other => vec![Message::new(other.to_string(), other.hint())],
        }
    }
}

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
