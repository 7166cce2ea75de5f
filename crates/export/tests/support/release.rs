//! A small release: one panel, two waves, a breakdown of three levels, a proportion and a mean.
#![allow(clippy::unwrap_used, dead_code)] // a panic is the test's failure; each test uses its part

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

/// A column of a table that is written.
#[derive(Clone)]
pub enum Values {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i32>>),
    Number(Vec<Option<f64>>),
}

/// Tables by `folder/mart`; columns in order.
#[derive(Clone, Default)]
pub struct Tables(pub BTreeMap<String, Vec<(String, Values)>>);

impl Tables {
    /// Rows as texts, the header first; numbers are read where all of a column are, `-` is missing.
    pub fn add(&mut self, name: &str, text: &str) {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let fields =
            |line: &str| line.split('|').map(|it| it.trim().to_owned()).collect::<Vec<_>>();
        let header = fields(lines.next().unwrap());
        let rows: Vec<Vec<String>> = lines.map(fields).collect();
        let columns = header.into_iter().enumerate().map(|(place, column)| {
            let texts: Vec<Option<String>> = rows
                .iter()
                .map(|row| Some(row[place].clone()).filter(|text| text != "-"))
                .collect();
            let values = typed(&column, texts);
            (column, values)
        });
        self.0.insert(name.to_owned(), columns.collect());
    }

    pub fn drop_column(&mut self, table: &str, column: &str) {
        self.0.get_mut(table).unwrap().retain(|(name, _)| name != column);
    }

    /// Gives labels in one language alone.
    pub fn only_language(&mut self, from: &str, to: &str) {
        for columns in self.0.values_mut() {
            columns.retain(|(name, _)| name.ends_with(from) || !name.ends_with("_en"));
            for (name, _) in columns {
                if let Some(stem) = name.strip_suffix(from) {
                    *name = format!("{stem}{to}");
                }
            }
        }
    }

    /// Puts a text into every row of a column.
    pub fn put_text(&mut self, table: &str, column: &str, text: &str) {
        let columns = self.0.get_mut(table).unwrap();
        let (_, values) = columns.iter_mut().find(|(name, _)| name == column).unwrap();
        let Values::Text(texts) = values else { panic!("{table}.{column}: no texts") };
        texts.fill(Some(text.to_owned()));
    }
}

fn typed(column: &str, texts: Vec<Option<String>>) -> Values {
    let number = |text: &Option<String>| text.as_ref().map(|text| text.parse::<f64>().unwrap());
    match column {
        "wave" | "sort_order" | "decimals" | "n" | "previous_wave" | "reference_wave" => {
            Values::Whole(texts.iter().map(|text| number(text).map(|it| it as i32)).collect())
        }
        "estimate" | "percent" | "ci_lower" | "ci_upper" | "sum_of_weights" | "n_eff" => {
            Values::Number(texts.iter().map(number).collect())
        }
        _ => Values::Text(texts),
    }
}

/// A release in a folder of its own.
pub struct Made {
    folder: TempDir,
}

impl Made {
    pub fn new(tables: &Tables) -> Self {
        let folder = TempDir::new().unwrap();
        let mut dictionary = String::from(
            "folder,readers,mart,version,grain,column,type,nullable,in_key,values,meaning\n",
        );
        for (name, columns) in &tables.0 {
            let path = folder.path().join(format!("{name}.parquet"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write(&path, columns);
            let (part, mart) = name.split_once('/').unwrap();
            for (column, _) in columns {
                let key = keys(mart).contains(&column.as_str());
                let in_key = if key { "yes" } else { "no" };
                writeln!(
                    dictionary,
                    "{part},x,{mart},1,one row,{column},text,no,{in_key},,about \"\"it\"\""
                )
                .unwrap();
            }
        }
        fs::write(folder.path().join("data_dictionary.csv"), dictionary).unwrap();
        let made = Self { folder };
        made.set_notice("Synthetic");
        made
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn set_notice(&self, notice: &str) {
        self.set_manifest(notice, &serde_json::Value::Null);
    }

    pub fn set_manifest(&self, notice: &str, publication: &serde_json::Value) {
        let manifest = serde_json::json!({
            "publication": publication,
            "format": 1,
            "release": "00ff",
            "monitor": "small",
            "notice": {"en": notice},
            "run": {"started": "2026-01-31T12:00:00.5Z"},
        });
        let path: PathBuf = self.folder.path().join("manifest.json");
        fs::write(path, manifest.to_string()).unwrap();
    }
}

fn keys(mart: &str) -> &'static [&'static str] {
    match mart {
        "dim_panel" => &["panel"],
        "dim_wave" => &["wave"],
        "dim_indicator" => &["indicator"],
        "dim_concept" => &["concept"],
        "dim_answer" => &["concept", "code"],
        "dim_breakdown" => &["breakdown", "level"],
        "dim_status" => &["status", "reason"],
        "dim_figure" => &["figure"],
        "figure_panel" => &["figure", "panel"],
        "figure_breakdown" => &["figure", "breakdown"],
        "estimate" => &["indicator", "panel", "wave", "breakdown", "level"],
        _ => &[],
    }
}

fn write(path: &Path, columns: &[(String, Values)]) {
    let arrays = columns.iter().map(|(name, values)| {
        let array: ArrayRef = match values {
            Values::Text(texts) => Arc::new(StringArray::from(texts.clone())),
            Values::Whole(numbers) => Arc::new(Int32Array::from(numbers.clone())),
            Values::Number(numbers) => Arc::new(Float64Array::from(numbers.clone())),
        };
        (name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Use of a portal (a share of `yes`; nobody in 2024 said `no`) and a rating (a mean), withheld for those of 75 and older.
pub fn figures() -> Tables {
    let mut tables = Tables::default();
    tables.add(
        "public/dim_panel",
        "panel | sort_order | label_nl | label_en | population_nl | population_en
         gp | 1 | Huisartsen | GPs | Alle huisartsen | All GPs",
    );
    tables.add(
        "public/dim_wave",
        "wave | sort_order | label
         2024 | 1 | 2024
         2025 | 2 | 2025",
    );
    tables.add(
        "public/dim_concept",
        "concept | sort_order | theme | label_nl | label_en
         portal | 1 | use | Portaal | Portal
         rating | 2 | impact | Cijfer | Rating",
    );
    tables.add(
        "public/dim_indicator",
        "indicator | sort_order | concept | theme | kind | codes | base | unit | decimals | label_nl | label_en
         portal_use | 1 | portal | use | proportion | yes |  | percent | 0 | Gebruikt | Used
         rating_mean | 2 | rating | impact | mean |  |  | score | 1 | Gemiddeld cijfer | Mean rating",
    );
    tables.add(
        "public/dim_answer",
        "concept | code | sort_order | label_nl | label_en
         portal | yes | 1 | Ja | Yes
         portal | no | 2 | Nee | No
         portal | dont_know | 3 | Weet niet | Don't know",
    );
    tables.add(
        "public/dim_breakdown",
        "breakdown | level | sort_order | label_nl | label_en | level_label_nl | level_label_en
         total | total | 1 | Totaal | Total | Totaal | Total
         age | young | 1 | Leeftijd | Age | Jong | Young
         age | middle | 2 | Leeftijd | Age | Midden | Middle
         age | old | 3 | Leeftijd | Age | 75 en ouder | 75 and over",
    );
    tables.add(
        "public/dim_status",
        "status | reason | sort_order | label_nl | label_en
         published |  | 1 | Getoond | Published
         withheld | confidential | 2 | Niet getoond | Withheld
         not_asked | not_asked | 3 | Niet gevraagd | Not asked",
    );
    tables.add(
        "public/estimate",
        "indicator | panel | wave | breakdown | level | n | estimate | ci_lower | ci_upper | status | reason | comparability | comparability_note
         portal_use | gp | 2024 | total | total | 100 | 50 | 40 | 60 | published |  | first |
         portal_use | gp | 2025 | total | total | 100 | 70 | 60 | 80 | published |  | comparable |
         portal_use | gp | 2025 | age | young | 50 | 90 | 80 | 95 | published |  | comparable |
         portal_use | gp | 2025 | age | middle | 40 | 0 | 0 | 9 | published |  | comparable |
         portal_use | gp | 2025 | age | old | - | - | - | - | withheld | confidential | comparable |
         rating_mean | gp | 2024 | total | total | - | - | - | - | not_asked | not_asked | not_asked |
         rating_mean | gp | 2025 | total | total | 100 | 6.5 | 6.0 | 7.0 | published |  | break | six instead of seven",
    );
    tables.add(
        "public/change",
        "indicator | panel | wave | breakdown | level | against | reference_wave | call
         portal_use | gp | 2025 | total | total | previous_wave | 2024 | increased
         portal_use | gp | 2025 | age | young | first_wave | 2024 | decreased",
    );
    tables.add(
        "public/contrast",
        "indicator | panel | wave | breakdown | level_a | level_b | call
         portal_use | gp | 2025 | age | young | middle | lower",
    );
    tables.add(
        "restricted/estimate_exact",
        "indicator | panel | wave | breakdown | level | n | sum_of_weights | n_eff | estimate | ci_lower | ci_upper
         portal_use | gp | 2025 | total | total | 97 | 4000 | 90.5 | 0.701 | 0.6 | 0.8
         portal_use | gp | 2024 | total | total | 99 | 4000 | 95 | 0.5 | 0.4 | 0.6
         portal_use | gp | 2025 | age | young | 49 | 2000 | 45 | 0.9 | 0.8 | 0.95
         portal_use | gp | 2025 | age | middle | 41 | 1700 | 40 | 0 | 0 | 0.09
         portal_use | gp | 2025 | age | old | 17 | 300 | 6.5 | 0.4321 | 0.1 | 0.8",
    );
    for mart in ["change", "contrast"] {
        let columns = tables.0[&format!("public/{mart}")].clone();
        tables.0.insert(format!("restricted/{mart}_exact"), columns);
    }
    tables
}
