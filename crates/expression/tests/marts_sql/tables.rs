//! Small tables made by hand, as the marts read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn waves(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Vec<RecordBatch> {
    vec![
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .unwrap(),
    ]
}

/// Indicator, figures, unit, decimals.
const INDICATORS: &[(&str, &str, &str, i32)] = &[
    ("video_use", "F1|F7", "percent", 0),
    ("video_use_provider", "F2", "percent", 0),
    ("referring_suitable", "F3", "percent", 0),
    ("referring_carried_out", "F3", "percent", 0),
    ("home_wanted", "F4|F10", "percent", 0),
    ("home_received", "F4|F10", "percent", 0),
    ("impact_quality", "F5|F8", "score", 1),
    ("privacy_negative", "F6", "percent", 0),
    ("consent", "F10", "percent", 0),
    // In no figure: F10 must not be found in F1.
    ("other", "", "percent", 0),
];

/// Indicator, panel, wave, breakdown, level, estimate (none: withheld).
type Cell = (&'static str, &'static str, i32, &'static str, &'static str, Option<f64>);
const CELLS: &[Cell] = &[
    ("video_use", "chronic", 2024, "total", "total", Some(40.0)),
    ("video_use", "chronic", 2025, "total", "total", Some(51.0)),
    ("video_use", "chronic", 2025, "age", "young", None),
    ("video_use", "chronic", 2025, "age", "old", Some(30.0)),
    ("video_use", "chronic", 2025, "sex", "f", Some(30.0)),
    ("video_use_provider", "gp", 2025, "total", "total", Some(80.0)),
    ("video_use_provider", "providers_pooled", 2025, "total", "total", Some(70.0)),
    ("referring_suitable", "gp", 2025, "total", "total", Some(90.0)),
    ("referring_carried_out", "gp", 2025, "total", "total", Some(40.0)),
    ("home_wanted", "chronic", 2025, "total", "total", Some(59.0)),
    ("home_received", "chronic", 2025, "total", "total", Some(8.0)),
    ("impact_quality", "gp", 2025, "total", "total", Some(5.5)),
    ("impact_quality", "chronic", 2025, "total", "total", Some(4.5)),
    ("impact_quality", "providers_pooled", 2025, "total", "total", Some(5.5)),
    ("impact_quality", "gp", 2025, "user_video", "user", Some(6.0)),
    ("impact_quality", "gp", 2025, "user_video", "non_user", Some(4.75)),
    ("privacy_negative", "chronic", 2025, "total", "total", Some(20.0)),
    ("consent", "chronic", 2025, "total", "total", Some(50.0)),
    ("other", "chronic", 2025, "total", "total", Some(50.0)),
];

fn gap() -> Vec<RecordBatch> {
    batch(vec![
        ("gap", texts(&["process", "contact"])),
        ("subject", texts(&["referring", "home"])),
        ("panel", texts(&["gp", "chronic"])),
        ("wave", waves(&[2025, 2025])),
        ("cell", texts(&["total", "total"])),
        ("difference", Arc::new(Float64Array::from(vec![50.0, 51.0]))),
        ("ci_lower", Arc::new(Float64Array::from(vec![40.0, 41.0]))),
        ("ci_upper", Arc::new(Float64Array::from(vec![60.0, 61.0]))),
        ("call", texts(&["higher", "higher"])),
    ])
}

/// Against the wave before, and a row that no figure shows.
fn gap_change() -> Vec<RecordBatch> {
    batch(vec![
        ("gap", texts(&["process", "process"])),
        ("subject", texts(&["referring", "referring"])),
        ("panel", texts(&["gp", "gp"])),
        ("wave", waves(&[2025, 2025])),
        ("cell", texts(&["total", "total"])),
        ("against", texts(&["previous_wave", "trend"])),
        ("difference", Arc::new(Float64Array::from(vec![-7.0, -3.0]))),
        ("call", texts(&["decreased", "stable"])),
    ])
}

/// Pairs of indicators.
fn dim_gap() -> Vec<RecordBatch> {
    let sides = ["referring_suitable", "home_wanted"];
    let minus = ["referring_carried_out", "home_received"];
    let subjects = ["referring", "home"];
    let mut columns = vec![
        ("gap", texts(&["process", "contact"])),
        ("subject", texts(&subjects)),
        ("sort_order", waves(&[1, 2])),
        ("indicator", texts(&sides)),
        ("minus", texts(&minus)),
    ];
    let labels = [
        ("subject_label_nl", "subject_label_en", subjects),
        ("indicator_label_nl", "indicator_label_en", sides),
        ("minus_label_nl", "minus_label_en", minus),
    ];
    for (nl, en, values) in labels {
        columns.push((nl, texts(&values)));
        columns.push((en, texts(&values)));
    }
    batch(columns)
}

/// Figure, its gap, its breakdowns.
type Figure = (&'static str, Option<&'static str>, &'static [&'static str]);
const FIGURES: &[Figure] = &[
    ("F1", None, &["total"]),
    ("F2", None, &["total"]),
    ("F3", Some("process"), &["total"]),
    ("F4", Some("contact"), &["total"]),
    ("F5", None, &["total"]),
    ("F6", None, &["total"]),
    ("F7", None, &["age"]),
    ("F8", None, &["user_video"]),
    ("F9", None, &["total"]),
    ("F10", Some("contact"), &["total"]),
];

/// What each figure shows: its indicators as above, all panels, its breakdowns, the wave 2025.
fn figures() -> Vec<(&'static str, Vec<RecordBatch>)> {
    let of = |rows: &[(&'static str, &'static str)], other: &'static str| {
        let places: Vec<i32> = (1..=rows.len() as i32).collect();
        batch(vec![
            ("figure", texts(&rows.iter().map(|row| row.0).collect::<Vec<_>>())),
            (other, texts(&rows.iter().map(|row| row.1).collect::<Vec<_>>())),
            ("sort_order", waves(&places)),
        ])
    };
    let cross = |values: &dyn Fn(&Figure) -> Vec<&'static str>| {
        let rows = FIGURES.iter().flat_map(|figure| {
            values(figure).into_iter().map(|value| (figure.0, value)).collect::<Vec<_>>()
        });
        rows.collect::<Vec<(&str, &str)>>()
    };
    let indicators = cross(&|figure| {
        let named = |row: &&(&str, &str, &str, i32)| {
            row.1.split('|').any(|name| name == figure.0)
                || (figure.0 == "F9" && row.0 == "video_use")
        };
        INDICATORS.iter().filter(named).map(|row| row.0).collect()
    });
    let groups: ArrayRef = Arc::new(
        indicators
            .iter()
            .map(|(figure, _)| (*figure == "F6").then_some("negative"))
            .collect::<StringArray>(),
    );
    let with = |table: Vec<RecordBatch>, name: &'static str, array: ArrayRef| {
        let table = &table[0];
        let schema = table.schema();
        let own = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .zip(table.columns().iter().cloned());
        batch(own.chain([(name, array)]).collect())
    };
    let panels = cross(&|_| vec!["gp", "chronic", "providers_pooled"]);
    let roles = texts(&vec!["panel"; panels.len()]);
    let breakdowns = cross(&|figure| figure.2.to_vec());
    let names: Vec<&str> = FIGURES.iter().map(|figure| figure.0).collect();
    let gaps: ArrayRef = Arc::new(FIGURES.iter().map(|figure| figure.1).collect::<StringArray>());
    vec![
        ("dim_figure", batch(vec![("figure", texts(&names)), ("gap", gaps)])),
        ("figure_indicator", with(of(&indicators, "indicator"), "group_name", groups)),
        ("figure_panel", with(of(&panels, "panel"), "role", roles)),
        ("figure_breakdown", of(&breakdowns, "breakdown")),
        (
            "figure_wave",
            batch(vec![("figure", texts(&names)), ("wave", waves(&vec![2025; names.len()]))]),
        ),
        (
            "figure_group",
            batch(vec![
                ("figure", texts(&["F6"])),
                ("group_name", texts(&["negative"])),
                ("sort_order", waves(&[1])),
                ("label_nl", texts(&["Negatief"])),
                ("label_en", texts(&["Negative"])),
            ]),
        ),
    ]
}

/// Labels of codes.
fn codes() -> Vec<(&'static str, Vec<RecordBatch>)> {
    let labels = ["Vergelijkbaar", "Gestegen"];
    vec![
        (
            "dim_code",
            batch(vec![
                ("kind", texts(&["comparability", "call"])),
                ("code", texts(&["comparable", "increased"])),
                ("label_nl", texts(&labels)),
                ("label_en", texts(&["Comparable", "Increased"])),
            ]),
        ),
        (
            "dim_status",
            batch(vec![
                ("outcome", texts(&["published", "withheld:confidential"])),
                ("label_nl", texts(&["Gepubliceerd", "Niet getoond"])),
                ("label_en", texts(&["Published", "Withheld"])),
            ]),
        ),
        (
            "dim_band",
            batch(vec![
                ("unit", texts(&["score", "score", "score"])),
                ("band", texts(&["negative", "neutral", "positive"])),
                ("label_nl", texts(&["Negatief", "Neutraal", "Positief"])),
                ("label_en", texts(&["Negative", "Neutral", "Positive"])),
            ]),
        ),
    ]
}

fn contrast() -> Vec<RecordBatch> {
    let one = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value])) };
    batch(vec![
        ("indicator", texts(&["impact_quality"])),
        ("panel", texts(&["gp"])),
        ("wave", waves(&[2025])),
        ("breakdown", texts(&["user_video"])),
        ("level_a", texts(&["user"])),
        ("level_b", texts(&["non_user"])),
        ("cell_a", texts(&["user_video:user"])),
        ("cell_b", texts(&["user_video:non_user"])),
        ("difference", one(-1.25)),
        ("ci_lower", one(-2.25)),
        ("ci_upper", one(-0.25)),
        ("p", one(0.01)),
        ("p_adjusted", one(0.02)),
    ])
}

/// Indicators, panels and breakdowns.
fn dimensions() -> [(&'static str, Vec<RecordBatch>); 3] {
    let names: Vec<&str> = INDICATORS.iter().map(|row| row.0).collect();
    let order: Vec<i32> = (1..=INDICATORS.len() as i32).collect();
    let dim_indicator = batch(vec![
        ("indicator", texts(&names)),
        ("sort_order", waves(&order)),
        ("unit", texts(&INDICATORS.iter().map(|row| row.2).collect::<Vec<_>>())),
        ("decimals", waves(&INDICATORS.iter().map(|row| row.3).collect::<Vec<_>>())),
        ("label_nl", texts(&names)),
        ("label_en", texts(&names)),
    ]);
    let panels = ["gp", "chronic", "providers_pooled"];
    let dim_panel = batch(vec![
        ("panel", texts(&panels)),
        ("sort_order", waves(&[1, 2, 3])),
        ("label_nl", texts(&panels)),
        ("label_en", texts(&panels)),
    ]);
    let breakdowns = ["total", "age", "age", "sex", "user_video", "user_video"];
    let levels = ["total", "young", "old", "f", "user", "non_user"];
    let cells =
        ["total", "age:young", "age:old", "sex:f", "user_video:user", "user_video:non_user"];
    let is_reference: ArrayRef =
        Arc::new(BooleanArray::from(vec![false, false, true, true, false, true]));
    let dim_breakdown = batch(vec![
        ("cell", texts(&cells)),
        ("is_reference", is_reference),
        ("breakdown", texts(&breakdowns)),
        ("level", texts(&levels)),
        ("sort_order", waves(&[1, 1, 2, 1, 1, 2])),
        ("label_nl", texts(&breakdowns)),
        ("label_en", texts(&breakdowns)),
        ("level_label_nl", texts(&levels)),
        ("level_label_en", texts(&levels)),
    ]);
    [("dim_indicator", dim_indicator), ("dim_panel", dim_panel), ("dim_breakdown", dim_breakdown)]
}

pub fn tables() -> BTreeMap<String, Vec<RecordBatch>> {
    let of = |pick: fn(&Cell) -> &str| texts(&CELLS.iter().map(pick).collect::<Vec<_>>());
    let shown = |pick: fn(f64) -> f64| -> ArrayRef {
        Arc::new(CELLS.iter().map(|cell| cell.5.map(pick)).collect::<Float64Array>())
    };
    let n: ArrayRef =
        Arc::new(CELLS.iter().map(|cell| cell.5.map(|_| 100)).collect::<Int64Array>());
    // As the engine names the ranges of the unrounded means 5.5, 4.49 and 5.45.
    let bands = [
        ("gp", "total", "positive"),
        ("chronic", "total", "negative"),
        ("providers_pooled", "total", "neutral"),
    ];
    let band: ArrayRef = Arc::new(
        CELLS
            .iter()
            .map(|cell| {
                let own = bands.iter().find(|band| {
                    cell.0 == "impact_quality" && band.0 == cell.1 && band.1 == cell.3
                });
                own.map(|band| band.2)
            })
            .collect::<StringArray>(),
    );
    let reason: ArrayRef = Arc::new(
        CELLS
            .iter()
            .map(|cell| cell.5.is_none().then_some("confidential"))
            .collect::<StringArray>(),
    );
    let cell = |cell: &Cell| {
        if cell.3 == "total" { "total".to_owned() } else { format!("{}:{}", cell.3, cell.4) }
    };
    let cells: ArrayRef = Arc::new(StringArray::from_iter_values(CELLS.iter().map(cell)));
    let estimate = batch(vec![
        ("indicator", of(|cell| cell.0)),
        ("panel", of(|cell| cell.1)),
        ("wave", waves(&CELLS.iter().map(|cell| cell.2).collect::<Vec<_>>())),
        ("breakdown", of(|cell| cell.3)),
        ("level", of(|cell| cell.4)),
        ("n", n),
        ("estimate", shown(|value| value)),
        ("ci_lower", shown(|value| value - 2.0)),
        ("ci_upper", shown(|value| value + 2.0)),
        ("band", band),
        ("status", of(|cell| if cell.5.is_some() { "published" } else { "withheld" })),
        (
            "outcome",
            of(|cell| if cell.5.is_some() { "published" } else { "withheld:confidential" }),
        ),
        ("reason", reason),
        ("comparability", of(|_| "comparable")),
        ("comparability_note", of(|_| "as before")),
        ("segment", waves(&vec![1; CELLS.len()])),
        ("cell", cells),
    ]);
    let figure: ArrayRef = Arc::new(Float64Array::from(vec![11.0]));
    let mut change = vec![
        ("indicator", texts(&["video_use"])),
        ("panel", texts(&["chronic"])),
        ("wave", waves(&[2025])),
        ("breakdown", texts(&["total"])),
        ("level", texts(&["total"])),
        ("cell", texts(&["total"])),
        ("against", texts(&["previous_wave"])),
        ("reference_wave", waves(&[2024])),
        ("call", texts(&["increased"])),
    ];
    let numbers = ["difference", "ci_lower", "ci_upper", "p", "p_adjusted"];
    let adjusted = ["ci_adjusted_lower", "ci_adjusted_upper", "detectable_difference"];
    for name in numbers.into_iter().chain(adjusted) {
        change.push((name, Arc::clone(&figure)));
    }
    [
        ("estimate", estimate),
        ("change", batch(change)),
        ("contrast", contrast()),
        ("gap", gap()),
        ("gap_change", gap_change()),
        ("dim_gap", dim_gap()),
    ]
    .into_iter()
    .chain(dimensions())
    .chain(figures())
    .chain(codes())
    .map(|(name, table)| (name.to_owned(), table))
    .collect()
}
