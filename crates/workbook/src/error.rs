//! Why a workbook cannot be read.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("it cannot be opened: {0}")]
    Unopened(io::Error),
    #[error("it cannot be read: {0}")]
    Unread(io::Error),
    #[error("it cannot be unpacked: {0}")]
    Unpacked(io::Error),
    #[error("{0}")]
    Damaged(String),
    #[error("{what}: found {found}, the limit is {limit}")]
    Limit { what: String, found: u64, limit: u64 },
    #[error("it is protected by a password")]
    PasswordProtected,
    #[error("it is not a workbook")]
    NotAWorkbook,
}

impl Error {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    pub(crate) fn limit(what: impl Into<String>, found: u64, limit: u64) -> Self {
        Self::Limit { what: what.into(), found, limit }
    }
}

/// Most parsers say in words what is damaged.
impl From<String> for Error {
    fn from(what: String) -> Self {
        Self::Damaged(what)
    }
}
