//! `sample write` writes sample-data and its planted truth; `sample bench` writes large deliveries for the benchmark.

mod asked;
mod bench;
mod chance;
mod coding;
mod commuting;
mod delivery;
mod dirt;
mod draw;
mod error;
mod export;
mod layout;
mod margins;
mod members;
mod model;
mod person;
mod planted;
mod population;
mod producer;
mod questionnaire;
mod readme;
mod truth;
mod vocabulary;
mod wording;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use delivery::Delivery;
use error::{Error, write_file};

const USAGE: &str = "Writes synthetic survey deliveries.

  sample write --out DIR [--seed N]
  sample bench --out DIR --respondents N [--seed N] [--config DIR]

write   all deliveries of the sample, the planted truth and a README; the same seed gives the same bytes
bench   30 panel-waves of N respondents as CSV, and the pipeline file beside them
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(message) => {
            let _ = writeln!(std::io::stdout(), "{message}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            if let Some(hint) = error.hint() {
                let _ = writeln!(std::io::stderr(), "hint: {hint}");
            }
            ExitCode::from(if matches!(error, Error::Usage { .. }) { 2 } else { 3 })
        }
    }
}

fn run(arguments: &[String]) -> Result<String, Error> {
    let usage = |found: String| Error::Usage { found, hint: "see `sample --help`" };
    let option = |name: &str| {
        arguments
            .iter()
            .position(|argument| argument == name)
            .and_then(|place| arguments.get(place + 1))
    };
    let number = |name: &str, default: Option<u64>| match option(name) {
        Some(text) => text.parse().map_err(|_| usage(format!("{name}: expected a whole number"))),
        None => default.ok_or_else(|| usage(format!("{name} is missing"))),
    };
    let out =
        || option("--out").map(PathBuf::from).ok_or_else(|| usage("--out is missing".to_owned()));
    match arguments.first().map(String::as_str) {
        Some("write") => write(&out()?, number("--seed", Some(20_251))?),
        Some("bench") => {
            let config = option("--config").map_or_else(|| PathBuf::from("config"), PathBuf::from);
            let config = std::fs::canonicalize(&config)
                .map_err(|source| Error::Write { path: config, source })?;
            let respondents = number("--respondents", None)? as usize;
            bench::write(&out()?, &config, respondents, number("--seed", Some(20_251))?)?;
            Ok(format!("30 panel-waves of {respondents} synthetic respondents written"))
        }
        None | Some("--help" | "-h" | "help") => Ok(USAGE.to_owned()),
        Some(other) => Err(usage(format!("`{other}` is not a command"))),
    }
}

/// The population of 2024 was delivered twice: release 1.0 lacks the last respondents.
const FIRST_RELEASE_ROWS: usize = 874;

fn write(folder: &Path, seed: u64) -> Result<String, Error> {
    let mut described = Vec::new();
    for (panel, wave) in questionnaire::deliveries() {
        let mut delivery = Delivery::draw(panel, wave, seed);
        let extension = export::extension(delivery.questionnaire.producer);
        let name = readme::file_name(panel, wave, extension);
        if (panel, wave) == ("population", 2024) {
            let first = name.replace(".csv", "_v1.0.csv");
            let second = name.replace(".csv", "_v1.1.csv");
            export::write(&delivery, &folder.join(&second))?;
            described.push(readme::describe(&second, &delivery));
            delivery.rows.truncate(FIRST_RELEASE_ROWS);
            delivery.dirt.push("first release, replaced by the second".to_owned());
            export::write(&delivery, &folder.join(&first))?;
            described.push(readme::describe(&first, &delivery));
        } else {
            export::write(&delivery, &folder.join(&name))?;
            described.push(readme::describe(&name, &delivery));
        }
    }
    let truth = folder.join("truth");
    write_file(&truth.join("estimate.csv"), truth::estimates().as_bytes())?;
    write_file(&truth.join("population.csv"), margins::populations().as_bytes())?;
    write_file(&truth.join("questionnaire.csv"), layout::questionnaires().as_bytes())?;
    write_file(&truth.join("coding.csv"), layout::codings().as_bytes())?;
    for wave in commuting::WAVES {
        let path = folder.join(format!("commuting/deliveries/commuting_{wave}.csv"));
        write_file(&path, commuting::export(wave, seed).as_bytes())?;
    }
    write_file(&folder.join("README.md"), readme::text(&described, seed).as_bytes())?;
    Ok(format!("{} synthetic deliveries written to {}", described.len(), folder.display()))
}
