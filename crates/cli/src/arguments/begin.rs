//! What can be typed before there is a project.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil init && peil run                        a tiny synthetic survey, to look around\n  peil init export.csv && peil run             your own: first estimates, unweighted\n  peil init a_2024.csv b_2025.xlsx             two waves of one panel; the years stand in the names\n  peil init a.csv b.csv --panel gp --panel nurse --wave 2025\n\nAnswers that five or more gave, in columns of at most 20 different ones, are written into config/codebook; rarer ones are counted\ntogether. Columns of many different texts are dropped before anything is kept. config/draft.md says what became of each column."
)]
pub struct InitArguments {
    /// Exports as they were downloaded; without one a tiny synthetic survey.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Who was asked: once for all files, or once a file in their order (`respondents` where it is left out).
    #[arg(long, value_name = "NAME")]
    pub panel: Vec<String>,
    /// Year of fieldwork: once for all files, or once a file; without it the year in the file's name, else this year.
    #[arg(long, value_name = "YEAR")]
    pub wave: Vec<u32>,
    /// Folder of the project.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub dir: PathBuf,
    /// An export profile that comes with peil, or a path to one; without it each known one is tried.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Sheet by name, where a workbook has several.
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// Write answers that fewer than five gave too: they may tell who gave them.
    #[arg(long)]
    pub include_values: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil schema                                  the settings files that have one\n  peil schema panel                            the schema of config/panels/PANEL.toml\n  peil schema --out config/schemas             all of them; a file that begins with `#:schema ../schemas/panel.json` is then\n                                               checked while it is edited (tombi, taplo, VS Code's Even Better TOML)"
)]
pub struct SchemaArguments {
    /// One of the settings files; without it all are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Write all schemas into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "name")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for the pages, e.g. ~/.local/share/man/man1.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct KeyArguments {
    #[command(subcommand)]
    pub command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Write a new random key into a file, readable by you alone. A file that is there is never written over.
    New {
        /// Without it the key goes to the output, for a store of secrets.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}
