//! A made-up release of any size: the same marts as a real one, with figures from a formula.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use parquet::arrow::ArrowWriter;

/// What is made up, and what is wrong with it.
#[derive(Clone)]
pub struct MadeUp {
    pub indicators: usize,
    pub panels: usize,
    pub waves: usize,
    pub levels: usize,
    /// Languages of all labels.
    pub languages: Vec<&'static str>,
    pub has_figures: bool,
    pub form: &'static str,
    /// The label of the first indicator.
    pub label: String,
    pub is_all_withheld: bool,
    /// Leaves a figure in a withheld cell.
    pub is_uncovered: bool,
    /// Added to the first figure of all.
    pub moved: usize,
    pub publication: serde_json::Value,
    pub format: u64,
}

impl Default for MadeUp {
    fn default() -> Self {
        Self {
            indicators: 4,
            panels: 3,
            waves: 3,
            levels: 3,
            languages: vec!["nl", "en"],
            has_figures: true,
            form: "lines",
            label: "Indicator: used".to_owned(),
            is_all_withheld: false,
            is_uncovered: false,
            moved: 0,
            publication: serde_json::json!({ "status": "provisional" }),
            format: 1,
        }
    }
}

type Columns = Vec<(String, ArrayRef)>;

fn texts(name: &str, values: impl IntoIterator<Item = String>) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(StringArray::from_iter_values(values)))
}

fn wholes(name: &str, values: impl IntoIterator<Item = usize>) -> (String, ArrayRef) {
    let values = values.into_iter().map(|value| value as i32);
    (name.to_owned(), Arc::new(Int32Array::from_iter_values(values)))
}

fn numbers(name: &str, values: Vec<Option<f64>>) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(Float64Array::from(values)))
}

fn save(folder: &Path, mart: &str, columns: Columns) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(folder.join("public").join(format!("{mart}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A cell: places of indicator, panel, wave and level (0: total).
type Place = [usize; 4];

impl MadeUp {
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("public")).unwrap();
        let manifest = serde_json::json!({
            "format": self.format, "release": "made-up", "monitor": "made_up",
            "notice": { "en": "Made-up figures", "nl": "Verzonnen cijfers" },
            "disclosure": { "minimum_base": 30, "minimum_cell": 5 },
            "run": { "started": "2026-01-01T00:00:00Z", "version": "0" },
            "publication": self.publication,
        });
        fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
        self.dimensions(folder);
        self.facts(folder);
        if self.has_figures {
            self.figures(folder);
        }
    }

    fn labels(&self, prefix: &str, values: &[String]) -> Columns {
        let one = |language: &&str| {
            texts(
                &format!("{prefix}{language}"),
                values.iter().map(|value| format!("{value} {language}")),
            )
        };
        self.languages.iter().map(one).collect()
    }

    fn dimensions(&self, folder: &Path) {
        let indicators = 0..self.indicators;
        let named = |place: usize| {
            if place == 0 { self.label.clone() } else { format!("Indicator {place}: used") }
        };
        let mut columns = vec![
            texts("indicator", indicators.clone().map(|place| format!("i{place}"))),
            texts("unit", indicators.clone().map(|_| "percent".to_owned())),
            texts("concept", indicators.clone().map(|place| format!("i{place}"))),
            wholes("sort_order", indicators.clone()),
        ];
        columns.extend(self.labels("label_", &indicators.map(named).collect::<Vec<_>>()));
        save(folder, "dim_indicator", columns);
        let panels = 0..self.panels;
        let mut columns = vec![
            texts("panel", panels.clone().map(|place| format!("p{place}"))),
            wholes("sort_order", panels.clone()),
        ];
        columns.extend(
            self.labels(
                "label_",
                &panels.map(|place| format!("Panel {place}")).collect::<Vec<_>>(),
            ),
        );
        save(folder, "dim_panel", columns);
        let waves = 0..self.waves;
        save(
            folder,
            "dim_wave",
            vec![
                wholes("wave", waves.clone().map(|place| 2020 + place)),
                wholes("sort_order", waves.clone()),
                texts("label", waves.map(|place| (2020 + place).to_string())),
            ],
        );
        let levels = 0..=self.levels;
        let name = |place: usize| if place == 0 { "total".to_owned() } else { format!("l{place}") };
        let of = |place: usize| if place == 0 { "total" } else { "age" }.to_owned();
        let mut columns = vec![
            texts("breakdown", levels.clone().map(of)),
            texts("level", levels.clone().map(name)),
        ];
        columns.extend(self.labels("label_", &levels.clone().map(of).collect::<Vec<_>>()));
        columns.extend(self.labels("level_label_", &levels.map(name).collect::<Vec<_>>()));
        save(folder, "dim_breakdown", columns);
        let statuses =
            [("published", ""), ("withheld", "confidential"), ("not_asked", "not_asked")];
        let mut columns = vec![
            texts("status", statuses.map(|one| one.0.to_owned())),
            texts("reason", statuses.map(|one| one.1.to_owned())),
            (
                "is_shown".to_owned(),
                Arc::new(BooleanArray::from(vec![true, false, false])) as ArrayRef,
            ),
        ];
        columns.extend(self.labels("label_", &statuses.map(|one| one.0.to_owned())));
        save(folder, "dim_status", columns);
    }

    fn cells(&self) -> Vec<Place> {
        let mut cells = Vec::new();
        for indicator in 0..self.indicators {
            for panel in 0..self.panels {
                for level in 0..=self.levels {
                    for wave in 0..self.waves {
                        cells.push([indicator, panel, wave, level]);
                    }
                }
            }
        }
        cells
    }

    /// Not asked, withheld or shown.
    fn status(&self, [indicator, panel, wave, level]: Place) -> &'static str {
        match (indicator * 7 + panel * 5 + wave * 3 + level) % 23 {
            _ if self.is_all_withheld => "withheld",
            3 if level > 0 => "withheld",
            9 => "not_asked",
            _ => "published",
        }
    }

    fn value(&self, place: Place) -> Option<f64> {
        let [indicator, panel, wave, level] = place;
        let moved = if place == [0; 4] { self.moved } else { 0 };
        let value = 10 + (indicator * 13 + panel * 7 + wave * 5 + level * 3) % 80 + moved;
        (self.status(place) == "published").then_some(value as f64)
    }

    fn keys(cells: &[Place]) -> Columns {
        let level =
            |place: usize| if place == 0 { "total".to_owned() } else { format!("l{place}") };
        let of = |place: usize| if place == 0 { "total" } else { "age" }.to_owned();
        vec![
            texts("indicator", cells.iter().map(|cell| format!("i{}", cell[0]))),
            texts("panel", cells.iter().map(|cell| format!("p{}", cell[1]))),
            wholes("wave", cells.iter().map(|cell| 2020 + cell[2])),
            texts("breakdown", cells.iter().map(|cell| of(cell[3]))),
            texts("level", cells.iter().map(|cell| level(cell[3]))),
        ]
    }

    fn facts(&self, folder: &Path) {
        let cells = self.cells();
        let shifted =
            |by: f64| cells.iter().map(|cell| self.value(*cell).map(|value| value + by)).collect();
        let mut estimates: Vec<Option<f64>> = shifted(0.0);
        if let Some(place) = cells
            .iter()
            .position(|cell| self.status(*cell) == "withheld")
            .filter(|_| self.is_uncovered)
        {
            estimates[place] = Some(77.0);
        }
        let bases =
            cells.iter().map(|cell| self.value(*cell).map(|_| 250)).collect::<Vec<Option<i64>>>();
        let reason = |status: &str| match status {
            "published" => String::new(),
            "withheld" => "confidential".to_owned(),
            other => other.to_owned(),
        };
        let broken = |cell: &Place| cell[0] == 1 && cell[2] == 1;
        let mut columns = Self::keys(&cells);
        columns.extend([
            numbers("estimate", estimates),
            numbers("ci_lower", shifted(-4.0)),
            numbers("ci_upper", shifted(4.0)),
            ("n".to_owned(), Arc::new(Int64Array::from(bases)) as ArrayRef),
            texts("status", cells.iter().map(|cell| self.status(*cell).to_owned())),
            texts("reason", cells.iter().map(|cell| reason(self.status(*cell)))),
            texts(
                "comparability",
                cells
                    .iter()
                    .map(|cell| if broken(cell) { "break" } else { "comparable" }.to_owned()),
            ),
        ]);
        save(folder, "estimate", columns);
        let later: Vec<Place> = cells.into_iter().filter(|cell| cell[2] > 0).collect();
        let difference = |cell: &Place| {
            let [indicator, panel, wave, level] = *cell;
            Some(self.value(*cell)? - self.value([indicator, panel, wave - 1, level])?)
        };
        let call = |cell: &Place| match difference(cell) {
            None => "withheld",
            Some(by) if by > 4.0 => "increased",
            Some(by) if by < -4.0 => "decreased",
            Some(_) => "stable",
        };
        let by: Vec<Option<f64>> = later.iter().map(difference).collect();
        let moved = |by: &[Option<f64>], shift: f64| {
            by.iter().map(|one| one.map(|one| one + shift)).collect()
        };
        let mut columns = Self::keys(&later);
        columns.extend([
            wholes("reference_wave", later.iter().map(|cell| 2019 + cell[2])),
            texts("against", later.iter().map(|_| "previous_wave".to_owned())),
            texts("call", later.iter().map(|cell| call(cell).to_owned())),
            numbers("ci_lower", moved(&by, -4.0)),
            numbers("ci_upper", moved(&by, 4.0)),
            numbers("difference", by),
        ]);
        save(folder, "change", columns);
    }

    fn figures(&self, folder: &Path) {
        let figures = ["Fig 1", "Fig 2"];
        let mut columns = vec![
            texts("figure", figures.map(str::to_owned)),
            wholes("sort_order", 0..2),
            texts("form", [self.form.to_owned(), "matrix".to_owned()]),
            texts("facet", ["indicator", "panel"].map(str::to_owned)),
            texts("row", ["", "indicator"].map(str::to_owned)),
            texts("series", ["panel", "wave"].map(str::to_owned)),
            texts("waves", ["all", "all"].map(str::to_owned)),
        ];
        columns.extend(
            self.labels("title_", &figures.map(|name| format!("{name} of {}", self.label))),
        );
        save(folder, "dim_figure", columns);
        let bridge = |mart: &str, column: &str, prefix: &str, count: usize| {
            let rows: Vec<(usize, usize)> =
                (0..2).flat_map(|figure| (0..count).map(move |one| (figure, one))).collect();
            save(
                folder,
                mart,
                vec![
                    texts("figure", rows.iter().map(|(figure, _)| figures[*figure].to_owned())),
                    texts(column, rows.iter().map(|(_, one)| format!("{prefix}{one}"))),
                    wholes("sort_order", rows.iter().map(|(_, one)| *one)),
                ],
            );
        };
        bridge("figure_indicator", "indicator", "i", self.indicators.min(12));
        bridge("figure_panel", "panel", "p", self.panels);
    }
}
