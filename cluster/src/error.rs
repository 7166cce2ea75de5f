//! What can go wrong with workers and with marts on them.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;
use survey::condition::SqlMistake;
use survey::hinted::{Hinted, Message};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Found before anything ran.
    #[error("{}", texts(.0))]
    Several(Vec<Error>),

    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: io::Error },

    #[error("{path}: found no release: {source}", path = .path.display())]
    NoRelease { path: PathBuf, source: Box<mart::Error> },

    #[error("{path}: found files below public/ that are not as manifest.json says, expected them unchanged", path = .path.display())]
    Damaged { path: PathBuf },

    #[error("{path}: found no SQL file, expected marts: NAME.sql and its contract NAME.toml", path = .path.display())]
    NoMarts { path: PathBuf },

    #[error("{path}: found a mart without a contract", path = .path.display())]
    NoContract { path: PathBuf },

    #[error("{path}{place}: {message}", path = .path.display(), place = place(.mistake), message = .mistake.message)]
    Sql { path: PathBuf, mistake: SqlMistake },

    #[error(transparent)]
    Mart(#[from] mart::Error),

    #[error("--workers: found `{text}`, expected http://HOST:PORT")]
    Address { text: String },

    #[error("--workers: found `{text}` twice, expected each worker once")]
    Twice { text: String },

    #[error("worker {worker}: {problem}")]
    NoAnswer { worker: String, problem: String },

    #[error("worker {worker}: found {found}, expected {expected}")]
    OtherVersion { worker: String, found: String, expected: String },

    #[error("mart `{mart}`: {message}")]
    Answer { mart: String, message: String, hint: Option<String> },

    #[error("{path}: found {found}, expected an empty folder or nothing", path = .path.display())]
    Target { path: PathBuf, found: &'static str },

    #[error(
        "--listen: found {address}, which other machines may reach, expected an address of this machine alone"
    )]
    Open { address: SocketAddr },

    #[error("--listen {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },

    #[error("the worker stopped: {0}")]
    Stopped(#[from] tonic::transport::Error),

    #[error(transparent)]
    Engine(#[from] DataFusionError),

    #[error("threads cannot be started: {0}")]
    Threads(io::Error),

    #[error("interrupted: nothing was written")]
    Interrupted,
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// One error stands for itself.
    pub(crate) fn several(mut errors: Vec<Self>) -> Self {
        match errors.pop() {
            Some(only) if errors.is_empty() => only,
            last => Self::Several(errors.into_iter().chain(last).collect()),
        }
    }

    /// As `peil`: 1 the rows were refused, 2 usage or a mart's text, 3 something cannot be read, written or reached.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Several(errors) => errors.iter().map(Self::exit_code).max().unwrap_or(2),
            Self::Answer { .. } | Self::Mart(mart::Error::Contract { .. }) => 1,
            Self::NoMarts { .. }
            | Self::NoContract { .. }
            | Self::Sql { .. }
            | Self::Mart(_)
            | Self::Address { .. }
            | Self::Twice { .. }
            | Self::Target { .. }
            | Self::Open { .. } => 2,
            Self::Interrupted => 130,
            _ => 3,
        }
    }
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Sql { mistake, .. } => return mistake.hint.clone(),
            Self::Mart(error) => return error.hint(),
            Self::Answer { hint, .. } => return hint.clone(),
            Self::NoContract { path } => {
                return Some(format!("add {}", path.with_extension("toml").display()));
            }
            Self::NoRelease { .. } => "name a folder with a manifest, e.g. marts/current",
            Self::Damaged { .. } => "`peil verify` names them; `peil run` publishes again",
            Self::NoAnswer { .. } => {
                "start it there: peil-cluster worker --listen ADDRESS:PORT; or leave it out of --workers"
            }
            Self::OtherVersion { .. } => "start the same peil-cluster everywhere",
            Self::Target { .. } => "name a new folder; nothing is ever replaced",
            Self::Open { .. } => {
                "a worker runs what anybody sends who reaches it: where the network itself keeps others out, add --trust-network"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Several(errors) => errors.iter().flat_map(Self::messages).collect(),
            other => vec![Message::new(other.to_string(), other.hint())],
        }
    }
}

fn texts(errors: &[Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn place(mistake: &SqlMistake) -> String {
    mistake.position.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"))
}
