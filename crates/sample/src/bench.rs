//! Large deliveries for the benchmark: the columns of the sample, N respondents a panel-wave, streamed as CSV.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::chance::Chance;
use crate::draw::cell_text;
use crate::error::{Error, write_file};
use crate::export::{csv_text, extension, profile};
use crate::model::Model;
use crate::person::{Drawing, Person};
use crate::questionnaire::{Questionnaire, deliveries, panels_of};

/// Writes all files, two at a time, and the pipeline file beside them.
pub fn write(folder: &Path, config: &Path, respondents: usize, seed: u64) -> Result<(), Error> {
    let all = deliveries();
    let (even, odd): (Vec<_>, Vec<_>) =
        all.iter().enumerate().partition(|(place, _)| place % 2 == 0);
    let run = |part: Vec<(usize, &(&'static str, u16))>| -> Result<(), Error> {
        part.into_iter()
            .try_for_each(|(_, (panel, wave))| delivery(folder, panel, *wave, respondents, seed))
    };
    std::fs::create_dir_all(folder)
        .map_err(|source| Error::Write { path: folder.to_owned(), source })?;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(odd));
        let one = run(even);
        one.and(other.join().unwrap_or(Ok(())))
    })?;
    write_file(&folder.join("monitor.toml"), pipeline(config, respondents).as_bytes())
}

fn file_name(panel: &str, wave: u16) -> String {
    format!("{panel}_{wave}.csv")
}

/// A workbook's columns come as CSV saved by Excel.
fn csv_profile(questionnaire: &Questionnaire) -> &'static str {
    if extension(questionnaire.producer) == "xlsx" {
        "excel_nl_csv"
    } else {
        profile(questionnaire.producer)
    }
}

fn delivery(
    folder: &Path,
    panel: &'static str,
    wave: u16,
    respondents: usize,
    seed: u64,
) -> Result<(), Error> {
    let questionnaire = Questionnaire::of(panel, wave);
    let dialect = csv_text::dialect(questionnaire.producer);
    let path = folder.join(file_name(panel, wave));
    let wrap = |source| Error::Write { path: path.clone(), source };
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(wrap)?);
    let mut text = String::new();
    if dialect.byte_order_mark {
        text.push('\u{feff}');
    }
    for header in csv_text::headers(&questionnaire, questionnaire.producer) {
        csv_text::line(dialect, header.iter().map(String::as_str), &mut text);
    }
    let mut chance = Chance::new(seed, &format!("bench {panel} {wave}"));
    let mut person = Person::default();
    let mut cells: Vec<String> = questionnaire.columns.iter().map(|_| String::new()).collect();
    for (group_number, group) in panels_of(panel).into_iter().enumerate() {
        let model = Model::of(group, wave);
        let drawing = Drawing::new(&model, group, &questionnaire);
        for number in 0..respondents {
            drawing.draw(&mut chance, &mut person);
            let number = group_number * respondents + number;
            for (cell, column) in cells.iter_mut().zip(&questionnaire.columns) {
                cell.clear();
                cell_text(&questionnaire, column, &person, number, &mut chance, cell);
            }
            csv_text::line(dialect, cells.iter().map(String::as_str), &mut text);
            if text.len() > 1 << 18 {
                file.write_all(&csv_text::encode(dialect, &text)).map_err(wrap)?;
                text.clear();
            }
        }
    }
    file.write_all(&csv_text::encode(dialect, &text)).map_err(wrap)?;
    file.flush().map_err(wrap)
}

fn pipeline(config: &Path, respondents: usize) -> String {
    let mut text = format!(
        "# Synthetic data for the benchmark: 30 panel-waves of {respondents} respondents; written by `sample bench`.\n\
         name = \"bench\"\nconfig = {:?}\nstore = \"store\"\nmarts = \"marts\"\n\n\
         [pseudonym_key]\ndemonstration = \"synthetic data for the benchmark: this key protects nobody\"\n",
        config.display().to_string()
    );
    for (panel, wave) in deliveries() {
        let questionnaire = Questionnaire::of(panel, wave);
        let panels: Vec<String> =
            panels_of(panel).iter().map(|panel| format!("{panel:?}")).collect();
        let _ = write!(
            text,
            "\n[[delivery]]\nname = \"{panel}_{wave}\"\nfile = \"{}\"\nprofile = \"{}\"\nwave = {wave}\npanels = [{}]\n",
            file_name(panel, wave),
            csv_profile(&questionnaire),
            panels.join(", ")
        );
        // The doctors' panels are told apart in some waves only: their ids are of one space.
        if panels_of(panel).iter().any(|of| panels_of("doctors").contains(of)) {
            text.push_str("id_space = \"doctors\"\n");
        }
    }
    text
}
