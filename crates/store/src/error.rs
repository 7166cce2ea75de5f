//! Why the store cannot give or keep what is asked.

use std::io;
use std::path::PathBuf;

use crate::owner::Owner;
use crate::remote::Trouble;

/// What is wrong with the store's folder, a file in it, or its lock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("store: `{}`: {error}\nhint: the store must be a folder on a local disk with free space, where this user may write", .path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    #[error("store: `{}` cannot be read: {error}\nhint: only the owner of the store may read it; run as that user", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error(
        "{} holds `{}`{}\nhint: wait for it to end; the lock goes with the process",
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
        "`{}` belongs to another user ({user}), who could hold it for ever\nhint: run as that user, or move the file away and give the folder to one user only",
        .path.display()
    )]
    Stranger { path: PathBuf, user: u32 },
    #[error("{step}: its kept hand-off is damaged: {problem}")]
    Damaged { step: String, problem: String },
    #[error("{step} has no kept hand-off\nhint: `peil run --select +{step}` makes it")]
    NothingKept { step: String },
    /// Of a store that lies elsewhere.
    #[error(transparent)]
    Elsewhere(#[from] Trouble),
}
