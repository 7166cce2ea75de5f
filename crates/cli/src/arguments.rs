//! What can be typed.

mod begin;
mod exports;
mod place;
mod propose;
mod report;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use begin::{
    CompletionsArguments, InitArguments, KeyArguments, KeyCommand, ManArguments, SchemaArguments,
};
pub use exports::{Exports, ExportsArguments, SemanticArguments, TablebookArguments};
pub use place::PipelineArgument;
pub use propose::ProposeArguments;
pub use report::ReportArguments;

const EXAMPLES: &str = "\
Your own survey:
  peil init export.csv                  a project for an export as it was downloaded; `peil init` alone: a synthetic one
  peil ingest export.csv                only look: its producer, columns, shapes

A first look at a project:
  peil check                            is the configuration right? every mistake at once
  peil plan                             what would run, and why
  peil run                              run it: marts/current holds the new release
  peil findings --severity error        what is wrong with the answers
  peil show harmonise:gp:2025           a hand-off between two stages

Steps are named stage:panel:wave. Stages, in the order in which the data flows:
  ingest, admit, harmonise, confront, weight, estimate, publish  (validate = admit and confront)

Exit codes:
  0 done (run: published or nothing to do; plan: nothing would run)   1 refused by a gate, nothing published
  2 usage or configuration     3 a delivery or folder cannot be read or written     4 another run holds the lock
  10 plan: something would run; diff: the releases differ             70 a bug     130 interrupted";

/// From the raw deliveries of a survey wave to weighted, documented marts.
#[derive(Debug, Parser)]
#[command(name = "peil", version, after_help = EXAMPLES, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How much of the log goes to the error stream: off, error, warn, info, debug; messages for the user are always printed.
    #[arg(long, global = true, value_name = "LEVEL", default_value = "off")]
    pub log: String,
    /// Form of the log.
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    /// One JSON object a line and nothing else on the error stream. Its `event`: run_started, step_started, step_finished,
    /// step_failed, run_finished, message, error, bug.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a project: from exports as they were downloaded, or from nothing with a tiny synthetic survey.
    Init(InitArguments),
    /// Run what has to run, and publish.
    Run(RunArguments),
    /// Say what would run and why; nothing runs. Exit code 0: nothing, 10: something.
    Plan(PlanArguments),
    /// Check the configuration only; every mistake at once.
    Check(PipelineArgument),
    /// Show a hand-off: its record, columns, counts and first rows. Ids are shortened hashes, texts are not shown.
    Show(ShowArguments),
    /// List what is wrong with the answers.
    Findings(FindingsArguments),
    /// List the runs of the store.
    Runs(RunsArguments),
    /// List the releases of the marts, or write one audience's part of one elsewhere.
    Releases(ReleasesArguments),
    /// Verify a release against its manifest: every file, every byte. Without a name the current one, and that link and pointer
    /// both name it; a folder that `peil releases export` wrote is verified by its path.
    Verify(ReleaseArguments),
    /// Switch the marts back to an earlier release (the one before, unless named).
    Rollback(ReleaseArguments),
    /// Attack a release from its public files: what follows of confidential groups? Exit code 1: something does.
    Audit(AuditArguments),
    /// Make a table book or a model for BI tools of a release.
    Export(ExportsArguments),
    /// Write a release as a site that people look at: figures, tables, downloads, in every language of its labels.
    Report(ReportArguments),
    /// Compare two releases, or the current one with the one before it or with what is about to be published.
    Diff(DiffArguments),
    /// A first look at one file: its producer, receipt and columns, and a starter profile and items; writes nothing.
    Ingest(IngestArguments),
    /// Propose the next wave from its delivery: items, crosswalks, population totals and the delivery's entry, as a draft.
    Propose(ProposeArguments),
    /// What may stand in the settings files: the schemas that editors read (docs/configuration.md says it for people).
    Schema(SchemaArguments),
    /// Make a key for the pseudonyms.
    Key(KeyArguments),
    /// Write what a shell needs to complete commands: `peil completions bash > ~/.local/share/bash-completion/completions/peil`.
    Completions(CompletionsArguments),
    /// Write manual pages, one a command.
    Man(ManArguments),
}

#[derive(Debug, Clone, Args)]
pub struct SelectionArguments {
    /// Only these steps, e.g. `weight:nurse:2024`, `*:gp,nurse:2022..2024`; a trailing `+` adds all that depends
    /// on them, a leading `+` all that they depend on. May be repeated.
    #[arg(long, value_name = "STEPS")]
    pub select: Vec<String>,
    /// Not these steps, in the same form.
    #[arg(long, value_name = "STEPS")]
    pub exclude: Vec<String>,
    /// Run the selected steps even if they are up to date.
    #[arg(long)]
    pub force: bool,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE")]
    pub until: Option<String>,
    /// Threads; 0: as many as the machine has. The output does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Hash every file again, whatever its size and time say.
    #[arg(long)]
    pub rehash: bool,
}

const SELECTING: &str = "\
Steps are named stage:panel:wave; parts that are left out are `*`. Quote `*` from the shell.
  --select weight:nurse:2024           one step; what it reads is taken as it is kept
  --select weight:nurse:2024+          with all that depends on it: figures, marts
  --select +weight:nurse:2024          with all that it depends on: its chain from the delivery on
  --select +estimate:gp+               both
  --select '*:gp,nurse:2022..2024'     all stages of two panels in three waves
  --select weight:gp:2024..            from that wave on; ..2022: up to that wave
  --select harmonise,weight:gp         two stages, all waves
  --select validate                    admit and confront
  --select ingest:artsen_2025          a delivery by its name; ingest:gp:2025 by panel and wave
  --select 'publish estimate:gp'       several at once; or repeat --select
  --exclude publish                    all but the marts; takes the same forms, after --select
  --until weight                       no stage after this one, after --select and --exclude
  --force                              the selected steps run even if they are up to date
A roll-up (estimate:PANEL, estimate:GROUP) covers all waves, so that any wave names it.
What is not selected stays as it is; publish is refused while something of that is out of date.";

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil run\n  peil run pipelines/monitor.toml --log-format json\n  peil run --select +weight:nurse:2024    weights of one panel-wave and what they need\n  peil run --select weight:nurse:2024+    with the figures and the marts that follow from them\n  peil run --until weight --keep-going    panel-waves as far as they come, no marts\n  peil run --threshold 5                  nothing is published where an estimate moves further\n\n--help says more about selecting steps.",
    after_long_help = format!("Examples:\n  peil run\n  peil run pipelines/monitor.toml --log-format json\n  peil run --until weight --keep-going    panel-waves as far as they come, no marts\n  peil run --threshold 5                  nothing is published where an estimate moves further\n\n{SELECTING}")
)]
pub struct RunArguments {
    #[command(flatten)]
    pub of: PipelineArgument,
    #[command(flatten)]
    pub selection: SelectionArguments,
    /// Where one panel-wave fails, go on with the others; nothing is published, what ran is kept.
    #[arg(long)]
    pub keep_going: bool,
    /// Publish nothing (exit code 1) where a published estimate would change by more: percentage points, or points of a mean.
    #[arg(long, value_name = "POINTS")]
    pub threshold: Option<f64>,
    /// Make a store that lies elsewhere, and is of another program version, one of this version; it computes everything anew.
    #[arg(long)]
    pub upgrade_store: bool,
    /// Append OpenLineage events to this file, in place of `[lineage]` of the pipeline file.
    #[arg(long, value_name = "FILE")]
    pub openlineage: Option<PathBuf>,
    /// Fails, or ends the process, at a named point: for tests.
    #[arg(long, value_name = "POINT", hide = true)]
    pub fail_at: Option<String>,
    /// The instant at which the run begins, by its own clock: for tests.
    #[arg(long, value_name = "INSTANT", hide = true)]
    pub at: Option<jiff::Timestamp>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil plan\n  peil plan --select weight:nurse:2024+ --format json\n\nExit codes: 0 nothing would run, 10 something would. --help says more about selecting steps.",
    after_long_help = format!("Exit codes: 0 nothing would run, 10 something would.\n\n{SELECTING}")
)]
pub struct PlanArguments {
    #[command(flatten)]
    pub of: PipelineArgument,
    #[command(flatten)]
    pub selection: SelectionArguments,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SeverityName {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  peil show harmonise:gp:2025 --rows 5")]
pub struct ShowArguments {
    /// The step, e.g. `harmonise:gp:2025`, `estimate:nurse`, `ingest:gp:2025`.
    #[arg(value_name = "STEP")]
    pub step: String,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// Rows to show.
    #[arg(long, default_value_t = 5)]
    pub rows: usize,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil findings --panel nurse --wave 2024\n  peil findings --severity error --format csv > findings.csv\n  peil findings --annotate artsen_2025 --out to_supplier     a copy of the delivery with its cells marked"
)]
pub struct FindingsArguments {
    #[command(flatten)]
    pub of: PipelineArgument,
    #[arg(long)]
    pub panel: Option<String>,
    #[arg(long)]
    pub wave: Option<u32>,
    #[arg(long)]
    pub severity: Option<SeverityName>,
    /// A code of docs/findings.md, e.g. `unknown_answer`.
    #[arg(long)]
    pub code: Option<String>,
    /// Write a copy of these deliveries (without names: of each with a finding at a cell) with the cells marked and a sheet
    /// that lists the findings, for the supplier. The copies hold raw answers.
    #[arg(long, value_name = "DELIVERY", num_args = 0.., requires = "out")]
    pub annotate: Option<Vec<String>>,
    /// Folder for the copies; not the marts and not the store.
    #[arg(long, value_name = "FOLDER", requires = "annotate")]
    pub out: Option<PathBuf>,
    #[arg(long, default_value = "table")]
    pub format: ListFormat,
}

#[derive(Debug, Args)]
pub struct RunsArguments {
    #[command(flatten)]
    pub of: PipelineArgument,
    /// How many, the latest first.
    #[arg(long, default_value_t = 20)]
    pub last: usize,
    /// The steps that ran too, with their reasons.
    #[arg(long)]
    pub steps: bool,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  peil releases\n  peil releases export --audience public /srv/share/monitor_2025"
)]
pub struct ReleasesArguments {
    #[command(flatten)]
    pub of: PipelineArgument,
    #[command(subcommand)]
    pub action: Option<ReleasesAction>,
}

#[derive(Debug, Subcommand)]
pub enum ReleasesAction {
    /// Write the part of a release that an audience may read, with a manifest of its own.
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// A new or empty folder; it is there whole or not at all.
    #[arg(value_name = "TO")]
    pub to: PathBuf,
    /// For whom.
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Audience,
    /// The release (the current one, unless named).
    #[arg(long, value_name = "RELEASE")]
    pub release: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Audience {
    /// Everyone.
    Public,
    /// Analysts.
    Restricted,
    /// Who runs the pipeline.
    Operational,
}

#[derive(Debug, Args)]
pub struct ReleaseArguments {
    /// The release; `peil releases` lists them.
    #[arg(value_name = "RELEASE")]
    pub release: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil audit                           the current release by itself\n  peil audit NEW --against OLD OLDER   what follows from several releases together\n  peil audit FOLDER --format json      a release wherever it lies\n\nExit codes: 0 nothing follows, 1 a confidential group is found out."
)]
pub struct AuditArguments {
    /// The release by name or folder; without it the current one.
    #[arg(value_name = "RELEASE")]
    pub release: Option<String>,
    /// Other releases of the same monitor that the attacker holds beside it, by name or folder.
    #[arg(long, value_name = "RELEASE", num_args = 1..)]
    pub against: Vec<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil diff                          the current release against the one before it\n  peil diff OLD NEW --format json    two releases by name; `peil releases` lists them\n  peil diff --pending                the current release against what a run would publish now\n  peil diff --pending --threshold 5  the same; exit code 1 where an estimate moves further\n\nExit codes: 0 no difference, 10 a difference, 1 beyond the threshold."
)]
pub struct DiffArguments {
    /// The older release.
    #[arg(value_name = "FROM")]
    pub from: Option<String>,
    /// The newer release.
    #[arg(value_name = "TO")]
    pub to: Option<String>,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// Against what a run would publish now: runs and keeps what that is made of, builds the marts aside, publishes nothing.
    #[arg(long, conflicts_with = "to")]
    pub pending: bool,
    /// Threads; 0: as many as the machine has. The output does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pending")]
    pub threads: usize,
    /// Refuse (exit code 1) where a published estimate moved by more: percentage points, or points of a mean.
    #[arg(long, value_name = "POINTS")]
    pub threshold: Option<f64>,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil ingest delivery.xlsx                        which producer, which columns, what to begin with\n  peil ingest delivery.csv --profile spss_csv      by a profile of config/exports\n  peil ingest delivery.csv --profile new.toml      by a profile that you are writing\n  peil ingest delivery.csv --show-header           with the rows where its header may be, as they stand"
)]
pub struct IngestArguments {
    /// xlsx, xlsm, xlsb, xls, ods, csv or tsv, also gzipped or zipped.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A file of config/exports without extension, or a path to a profile; without it each known one is tried.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Configuration folder; without it `config`, and outside a project the profiles that come with peil.
    #[arg(long, value_name = "FOLDER")]
    pub config: Option<PathBuf>,
    /// Sheet by name, where the profile leaves it open.
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// What reading may hold in memory, in MiB (1024 where it is left out).
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(128..))]
    pub memory_mib: Option<u64>,
    /// Read a workbook a second time, by calamine, and say at which cells the two differ. For a file that you trust: it loads the whole sheet into memory.
    #[arg(long)]
    pub second_reader: bool,
    /// Show the rows where the header may be, as they stand in the file. They may be somebody's answers: only for those who may see them.
    #[arg(long)]
    pub show_header: bool,
    #[arg(long, default_value = "table")]
    pub format: PlanFormat,
}
