//! What can be made of a release.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PipelineArgument;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil export tablebook --out books            a workbook a panel and language, of the current release\n  peil export tablebook FOLDER --out books --lang en\n  peil export semantic --out model             a Power BI project, a Malloy model, a SQL view\n\ndocs/exports.md says what is in them."
)]
pub struct ExportsArguments {
    #[command(subcommand)]
    pub what: Exports,
}

#[derive(Debug, Subcommand)]
pub enum Exports {
    /// Write the table book: a workbook a panel and language.
    Tablebook(TablebookArguments),
    /// Write a model of the release for BI tools: Power BI, Malloy, SQL.
    Semantic(SemanticArguments),
}

#[derive(Debug, Args)]
pub struct TablebookArguments {
    /// The release by name or folder; without it the current one.
    #[arg(value_name = "RELEASE")]
    pub release: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// A new or empty folder, or a table book that is replaced; it is there whole or as it was.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Languages of the release's labels, e.g. `en` or `nl,en`; all of them where it is left out.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub lang: Vec<String>,
    /// Exact figures and bases from restricted/, also of groups that are withheld; the files are for their owner alone.
    #[arg(long)]
    pub restricted: bool,
}

#[derive(Debug, Args)]
pub struct SemanticArguments {
    /// The release by name or folder; without it the current one, which the model then follows.
    #[arg(value_name = "RELEASE")]
    pub release: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// A new or empty folder, or a model that is replaced; it is there whole or as it was.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}
