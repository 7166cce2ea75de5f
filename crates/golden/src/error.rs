//! Why a case did not run.

/// A case that could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the case cannot be read.
    #[error("`{file}`: {reason}")]
    File {
        /// The file.
        file: String,
        /// What the system or the parser says.
        reason: String,
    },
    /// Something the specification asks for and this program does not know.
    #[error("not run: {what} `{name}` is not implemented")]
    NotImplemented {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Data and specification do not fit.
    #[error("{place}: {found}, expected {expected}")]
    Misfit {
        /// Where.
        place: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A weighting step refused.
    #[error("weighting: {0}")]
    Weight(#[from] weight::Error),
    /// An estimate refused.
    #[error("estimate: {0}")]
    Estimate(#[from] estimate::Error),
}

/// What a case says and the data do not.
pub fn misfit(place: &str, found: impl Into<String>, expected: impl Into<String>) -> Error {
    Error::Misfit { place: place.into(), found: found.into(), expected: expected.into() }
}
