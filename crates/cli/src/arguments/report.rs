//! What `peil report` takes.

use std::path::PathBuf;

use clap::Args;

use super::PipelineArgument;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil report --out site                        the current release, in every language of its labels\n  peil report FOLDER --out site --lang nl       a release wherever it lies, in one language\n  peil report --out site --as-of 2026-03-01T09:00:00+01:00\n\nThe site needs no server and no network: open site/index.html. An earlier site in the folder is replaced in one step; a folder that holds anything else is refused.\n\nExit codes: 0 written, 1 final figures under embargo, or a release that shows what it withholds, 2 usage or another kind of release, 3 a folder cannot be read or written."
)]
pub struct ReportArguments {
    /// The release by name or folder; without it the current one.
    #[arg(value_name = "RELEASE")]
    pub release: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// Folder of the site.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Languages, e.g. `nl,en`; without it all that the release has labels in.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub lang: Vec<String>,
    /// An earlier release, by name or folder, that the release notes compare with; without it the one before, where it is kept.
    #[arg(long, value_name = "RELEASE")]
    pub against: Option<String>,
    /// The moment that an embargo is compared with; without it now.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
}
