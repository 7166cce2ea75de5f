//! What `peil propose` takes.

use std::path::PathBuf;

use clap::Args;

use super::PipelineArgument;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  peil propose huisartsen_2026.xlsx --panel gp --wave 2026        a draft in proposal-gp-2026, beside config\n  peil propose nurses.csv --panel nurse --wave 2026 --questions questionnaire.csv\n  peil propose --accept proposal-gp-2026                          take over what passes the bar or says `accept`\n\nEach row of the draft has a score, the runner-up and the reason. What is new, split, reversed, rescaled or reworded\nsays `decide`: write `accept` or `leave` there. Accepting twice adds nothing twice; what would clash is refused."
)]
pub struct ProposeArguments {
    /// The new wave's delivery.
    #[arg(value_name = "FILE", required_unless_present = "accept", requires_all = ["panel", "wave"])]
    pub file: Option<PathBuf>,
    /// The panel; with several, or where its last delivery fed several, all of them.
    #[arg(long, value_name = "PANEL", value_delimiter = ',')]
    pub panel: Vec<String>,
    #[arg(long, value_name = "WAVE")]
    pub wave: Option<u32>,
    #[command(flatten)]
    pub of: PipelineArgument,
    /// A file of config/exports without extension; without it the panel's last where it fits, else the one that fits best.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Sheet by name, where the profile leaves it open.
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// A CSV with the columns `column` and `question`, where the file has no question texts.
    #[arg(long, value_name = "CSV")]
    pub questions: Option<PathBuf>,
    /// Folder for the draft; without it `proposal-PANEL-WAVE` beside the configuration.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Take rows of this draft over into the configuration: those that say `accept`, and those that say `proposed` and pass the bar.
    #[arg(long, value_name = "DRAFT", conflicts_with_all = ["file", "panel", "wave", "profile", "sheet", "questions", "out"])]
    pub accept: Option<PathBuf>,
    /// Score from which a proposed row is taken, from 0 to 1.
    #[arg(long, value_name = "SCORE", default_value_t = 0.8)]
    pub bar: f64,
}
