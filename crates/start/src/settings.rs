//! The settings of a draft: pipeline, monitor, panels, and a page that says what was decided.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::column::Role;
use crate::file::{Export, delivery_name};
use crate::profile::{Profile, quoted};
use crate::table::LANGUAGE;

pub(crate) const PROFILE: &str =
    "#:schema ../schemas/export.json\n# draft by `peil init`: how the producer writes its files\n";

pub(crate) const RULES: &str = "\
#:schema ../schemas/rules.json
# draft by `peil init`: what every row should meet, in concept names; each as
# [[rule]]
# name = \"hours_fit_a_week\"
# label = \"No more than 80 hours a week\"
# condition = \"hours <= 80\"
# severity = \"warning\"
rule = []
";

pub(crate) const MARTS: &str = "\
Marts of your own: NAME.sql and its contract NAME.toml. The built-in ones (estimate, change, contrast, the dimensions) need no file.
";

/// The deliveries of a pipeline file.
pub(crate) struct Deliveries<'a> {
    pub(crate) exports: &'a [Export],
    /// The project's folder.
    pub(crate) folder: &'a Path,
    pub(crate) written: Option<&'a Path>,
}

impl Deliveries<'_> {
    pub(crate) fn pipeline(&self) -> String {
        let mut text = String::from(
            "#:schema ../config/schemas/pipeline.json\n# draft by `peil init`: what to do now. Paths are relative to this file.\nname = \"monitor\"\nconfig = \"../config\"\nstore = \"../store\"\nmarts = \"../marts\"\n\n# From it the pseudonyms are made: keep it secret, keep it safe, and keep it out of version control (docs/pseudonyms.md).\n[pseudonym_key]\nfile = \"../pseudonym.key\"\n",
        );
        let mut taken = BTreeSet::new();
        for export in self.exports {
            let name = delivery_name(export, &taken);
            let _ = write!(
                text,
                "\n[[delivery]]\nname = {}\nfile = {}\nprofile = {}\nwave = {}\npanels = [{}]\n",
                quoted(&name),
                quoted(&self.path(&export.path)),
                quoted(&export.profile.name),
                export.wave,
                quoted(&export.panel),
            );
            if let Some(sheet) = &export.sheet {
                let _ = writeln!(text, "sheet = {}", quoted(sheet));
            }
            taken.insert(name);
        }
        text
    }

    /// From the folder of pipeline files; whole where the file lies outside the project.
    fn path(&self, file: &Path) -> String {
        let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
        let inside = match (self.written, absolute(file), absolute(self.folder)) {
            (Some(written), ..) => Some(written.to_owned()),
            (None, Ok(file), Ok(folder)) => file.strip_prefix(folder).map(Path::to_owned).ok(),
            _ => None,
        };
        let path = match inside {
            Some(inside) => Path::new("..").join(inside),
            None => absolute(file).unwrap_or_else(|_| PathBuf::from(file)),
        };
        path.to_string_lossy().replace('\\', "/")
    }
}

pub(crate) fn monitor(exports: &[Export]) -> String {
    let waves: BTreeSet<survey::Wave> = exports.iter().map(|export| export.wave).collect();
    let waves: Vec<String> = waves.iter().map(ToString::to_string).collect();
    format!(
        r#"#:schema schemas/monitor.json
# draft by `peil init`
name = "monitor"
label = "Monitor"
# shown wherever a person sees the figures
notice = "Draft: questions, answers and weighting are proposals"
# one or more, the first one first; the tables then have a column label_LANGUAGE for each
languages = ["{LANGUAGE}"]
waves = [{waves}]

# what is left out has a default: docs/configuration.md
[disclosure]
# withheld: fewer respondents than this, or fewer of them that say yes (or no) than `minimum_cell` (docs/disclosure.md)
minimum_base_confidential = 10
minimum_cell = 5
status = "assumed: thresholds to begin with"

# percent of the rows or cells of a panel-wave above which nothing is published; tighten them once the codebook is yours
[gates]
unknown_answer_percent = 5.0
invalid_cell_percent = 5.0
quarantined_row_percent = 10.0
"#,
        waves = waves.join(", ")
    )
}

pub(crate) fn panel(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let label = quoted(&format!("{first}{}", letters.as_str()));
    format!(
        r#"#:schema ../schemas/panel.json
# draft by `peil init`
label = {label}

# everybody counts alike; with population totals in config/targets/{name}.csv: method = "raking", margins = [["sex"], ["age_group"]]
[weighting]
method = "none"
missing_auxiliary = "own_category"
note = "unweighted: the figures speak of those who answered"
"#
    )
}

/// What was decided, a column a line, without an answer.
pub(crate) fn page(exports: &[Export], profiles: &BTreeMap<String, Profile>) -> String {
    let mut page = String::from(
        "# Draft by `peil init`\n\nRead this page, mend the files, then delete it. Every file of this folder is a draft; `codebook/answers.csv`, `codebook/crosswalks.csv`, `codebook/items.csv` and `indicators.csv` hold answers that respondents gave, and nothing marks them as drafts but this page.\n",
    );
    for export in exports {
        let Export { panel, wave, rows, profile, .. } = export;
        let _ = write!(
            page,
            "\n## {panel} {wave}\n\n`{}`, {rows} rows, read by `exports/{}.toml`.\n\n",
            export.stem, profile.name
        );
        page.push_str("| column | brought in as |\n|---|---|\n");
        for column in &export.columns {
            let header = column.header.replace('|', "\\|").replace(['\n', '\r'], " ");
            let _ = writeln!(page, "| {header} | {} |", told(&column.role));
        }
    }
    let names: Vec<String> = profiles.keys().map(|name| format!("`exports/{name}.toml`")).collect();
    let _ = write!(
        page,
        "\nColumns that are dropped before anything is kept stand under `[personal]` of {}: take out what is neither personal nor free text.\n",
        names.join(", ")
    );
    page
}

fn told(role: &Role) -> String {
    let rare = |has_rare: bool| if has_rare { ", others counted together as `rare`" } else { "" };
    match role {
        Role::Identifier => "the id: leaves ingest as a keyed hash".to_owned(),
        Role::Category { answers, has_rare } => {
            format!("a question with {} answers{}", answers.len(), rare(*has_rare))
        }
        Role::Chosen => {
            "an option of a question: chosen where it is filled; an empty cell is a no, of those who skipped the question too".to_owned()
        }
        Role::Options { options, has_rare } => {
            let other = if *has_rare { ", and another answer" } else { "" };
            format!("{} options, several in a cell{other}", options.len())
        }
        Role::Number { missing } if missing.is_empty() => "a number: its mean".to_owned(),
        Role::Number { missing } => {
            format!("a number: its mean, without {} taken for no answer", missing.join(", "))
        }
        Role::Duration => "how long the filling in took".to_owned(),
        Role::LeftOut(why) => format!("left out: {}", why.text()),
    }
}
