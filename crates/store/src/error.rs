//! Why the store cannot give or keep what is asked.

use std::io;
use std::path::PathBuf;

use survey::Hinted;

use crate::owner::Owner;
use crate::remote::Trouble;

/// What is wrong with the store's folder, a file in it, or its lock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("store: `{}`: {error}", .path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    #[error("store: `{}` cannot be read: {error}", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error(
        "{} holds `{}`{}",
        .user.map_or("another run".to_owned(), |user| format!("a process of another user ({user})")),
        .path.display(),
        .owner.as_ref().map_or(String::new(), |owner| format!(": process {} since {}", owner.pid, owner.since))
    )]
    Locked {
        path: PathBuf,
        owner: Option<Owner>,
        /// To whom its file belongs, where that is another user.
        user: Option<u32>,
    },
    #[error(
        "`{}` belongs to another user ({user}), who could hold it for ever",
        .path.display()
    )]
    Stranger { path: PathBuf, user: u32 },
    #[error("{step}: its kept hand-off is damaged: {problem}")]
    Damaged { step: String, problem: String },
    #[error("{step} has no kept hand-off")]
    NothingKept { step: String },
    /// Of a store that lies elsewhere.
    #[error(transparent)]
    Elsewhere(#[from] Trouble),
}

/// Where the store's folder or its disk does not take a file.
pub(crate) const NEEDS: &str =
    "the store must be a folder on a local disk with free space, where this user may write";

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unwritable { .. } => NEEDS,
            Self::Unreadable { .. } => "only the owner of the store may read it; run as that user",
            Self::Locked { .. } => "wait for it to end; the lock goes with the process",
            Self::Stranger { .. } => {
                "run as that user, or move the file away and give the folder to one user only"
            }
            Self::NothingKept { step } => {
                return Some(format!("`peil run --select +{step}` makes it"));
            }
            Self::Elsewhere(trouble) => return trouble.hint(),
            Self::Damaged { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
