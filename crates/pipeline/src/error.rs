//! What ends a run, and with which exit code.

use std::io;
use std::path::PathBuf;

use config::Mistake;
use store::Step;
use store::remote::{Trouble, TroubleKind};
use survey::{Finding, Hinted, Message};

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", .0.iter().map(Mistake::text).collect::<Vec<_>>().join("\n\n"))]
    Configuration(Vec<Mistake>),
    #[error("selection `{pattern}`: there is no {found}\nexpected: {exist}")]
    Selection { pattern: String, found: String, exist: String },
    #[error("`{}`: {problem}", .path.display())]
    Settings { path: PathBuf, problem: String, hint: String },
    #[error("{place}: `{}` cannot be read: {error}", .path.display())]
    Delivery { place: String, path: PathBuf, error: io::Error, hint: String },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("lineage: `{}`: {error}", .path.display())]
    Lineage { path: PathBuf, error: io::Error },
    #[error(
        "{delivery}: `{file}` changed while it was read: what was read is not what was there before"
    )]
    DeliveryChanged { delivery: String, file: String },
    /// A stage's own error; it names the place itself.
    #[error("{}", .error.error)]
    Stage { step: Step, error: StageError },
    #[error("{step} needs {input}, which has not been produced yet and is not selected")]
    InputMissing { step: String, input: String },
    #[error(
        "publish: {input} is out of date and not selected, so that the marts would be a mixture"
    )]
    Mixture { input: String },
    #[error("no release `{wanted}` in `{}`\nexpected: {exist}", .folder.display())]
    NoRelease { wanted: String, folder: PathBuf, exist: String },
    /// Another worker published meanwhile: what was made stands beside a release that it does not know.
    #[error("publish: another worker switched to release {release} meanwhile")]
    Overtaken { release: String },
    #[error("refused by `--threshold`: {problem}")]
    Threshold { problem: String },
    #[error("interrupted")]
    Interrupted,
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Several(Vec<Error>),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::Store(trouble.into())
    }
}

/// A stage's error and what kind of end it is.
#[derive(Debug)]
pub struct StageError {
    pub end: End,
    /// What was found before the stage gave up.
    pub findings: Vec<Finding>,
    pub error: Box<dyn Hinted + Send + Sync>,
}

/// Kinds of ends, worst last where several meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// By a gate or because the answers cannot be used as they are: nothing is published.
    Refused,
    Configuration,
    Unreadable,
    Locked,
    Bug,
    Interrupted,
}

impl End {
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Configuration => 2,
            Self::Unreadable => 3,
            Self::Locked => 4,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Settings { hint, .. } | Self::Delivery { hint, .. } => hint,
            Self::Store(error) => return error.hint(),
            Self::Lineage { .. } => {
                "`[lineage]` of the pipeline file or `--openlineage` names a file that this user may write"
            }
            Self::DeliveryChanged { .. } => {
                "deliver under another name and rename when the file is whole, or set `minimum_age`; then run again"
            }
            Self::Stage { error, .. } => return error.error.hint(),
            Self::InputMissing { step, .. } => {
                return Some(format!("`--select +{step}` makes what it needs first"));
            }
            Self::Overtaken { .. } => "run again; nothing is lost",
            Self::Mixture { .. } => "run without `--select`, or select `+publish`",
            Self::Threshold { .. } => {
                "`peil diff --pending` lists them; a run without `--threshold` publishes them"
            }
            Self::Configuration(_)
            | Self::Selection { .. }
            | Self::NoRelease { .. }
            | Self::Interrupted
            | Self::Several(_) => return None,
        };
        Some(hint.to_owned())
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Configuration(mistakes) => {
                let told = |mistake: &Mistake| Message::new(mistake.text(), mistake.hint.clone());
                mistakes.iter().map(told).collect()
            }
            Self::Stage { error, .. } => error.error.messages(),
            Self::Several(errors) => errors.iter().flat_map(Hinted::messages).collect(),
            other => vec![Message::new(other.to_string(), other.hint())],
        }
    }
}

/// What is set wrongly is the configuration's; all else may be otherwise in a moment.
fn end_of(kind: TroubleKind) -> End {
    match kind {
        TroubleKind::NotBuilt
        | TroubleKind::Address
        | TroubleKind::NoCredentials
        | TroubleKind::Conditions
        | TroubleKind::Program => End::Configuration,
        _ => End::Unreadable,
    }
}

impl Error {
    pub fn end(&self) -> End {
        match self {
            Self::Configuration(_)
            | Self::Selection { .. }
            | Self::Settings { .. }
            | Self::InputMissing { .. }
            | Self::NoRelease { .. }
            | Self::Store(store::Error::NothingKept { .. }) => End::Configuration,
            Self::Mixture { .. } | Self::Threshold { .. } => End::Refused,
            Self::Delivery { .. } | Self::DeliveryChanged { .. } | Self::Lineage { .. } => {
                End::Unreadable
            }
            Self::Store(store::Error::Locked { .. }) | Self::Overtaken { .. } => End::Locked,
            Self::Store(store::Error::Elsewhere(trouble)) => end_of(trouble.kind),
            Self::Store(_) => End::Unreadable,
            Self::Stage { error, .. } => error.end,
            Self::Interrupted => End::Interrupted,
            Self::Several(errors) => errors.iter().map(Self::end).max().unwrap_or(End::Bug),
        }
    }

    /// Whether a kept hand-off turned out to be damaged, here or below: then its step runs when the page is walked again.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(store::Error::Damaged { .. }) => true,
            Self::Several(errors) => errors.iter().any(Self::is_damage),
            Self::Stage { error, .. } => {
                let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&*error.error);
                while let Some(error) = next {
                    if error.downcast_ref::<Self>().is_some_and(Self::is_damage) {
                        return true;
                    }
                    next = error.source();
                }
                false
            }
            _ => false,
        }
    }

    /// Whether another worker published first, so that the page has to be walked again.
    pub fn is_overtaken(&self) -> bool {
        matches!(self, Self::Overtaken { .. })
    }

    /// The errors one by one.
    pub fn each(&self) -> Vec<&Error> {
        match self {
            Self::Several(errors) => errors.iter().flat_map(Self::each).collect(),
            other => vec![other],
        }
    }

    /// One error of all that went wrong side by side.
    pub fn of(mut errors: Vec<Error>) -> Option<Self> {
        match errors.len() {
            0 => None,
            1 => errors.pop(),
            _ => Some(Self::Several(errors)),
        }
    }
}
