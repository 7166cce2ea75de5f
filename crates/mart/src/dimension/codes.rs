//! Labels of the codes that columns of the marts hold, a kind of code each.

use arrow::array::RecordBatch;

use survey::Labels;

use super::pair;
use crate::error::Error;
use crate::table::Columns;

/// Code, label in Dutch, label in English.
type Code = [&'static str; 3];

const STATUS: &[Code] = &[
    ["published", "Gepubliceerd", "Published"],
    ["withheld", "Niet getoond", "Withheld"],
    ["counted", "Alleen het aantal", "Number only"],
    ["no_answers", "Niemand antwoordde", "Nobody answered"],
    ["not_asked", "Niet gevraagd", "Not asked"],
];

const REASON: &[Code] = &[
    ["caution", "Met voorzichtigheid te gebruiken", "To be used with caution"],
    ["unreliable", "Weinig betrouwbaar", "Of low reliability"],
    ["confidential", "Te weinig antwoorden", "Too few answers"],
    ["background_unknown", "Achtergrond onbekend", "Background unknown"],
    ["no_answers", "Niemand antwoordde", "Nobody answered"],
    ["not_asked", "Niet gevraagd", "Not asked"],
];

const CALL: &[Code] = &[
    ["increased", "Gestegen", "Increased"],
    ["stable", "Stabiel", "Stable"],
    ["decreased", "Gedaald", "Decreased"],
    ["no_test", "Niet te toetsen", "No test"],
    ["not_comparable", "Niet vergelijkbaar", "Not comparable"],
    ["withheld", "Niet getoond", "Withheld"],
];

const CONTRAST_CALL: &[Code] = &[
    ["higher", "Hoger", "Higher"],
    ["not_different", "Geen verschil aangetoond", "No difference shown"],
    ["lower", "Lager", "Lower"],
    ["no_test", "Niet te toetsen", "No test"],
];

const COMPARABILITY: &[Code] = &[
    ["comparable", "Vergelijkbaar", "Comparable"],
    ["break", "Breuk in de reeks", "Break in the series"],
    ["first", "Eerste meting", "First wave"],
    ["not_asked", "Niet gevraagd", "Not asked"],
];

const OVERLAP: &[Code] = &[
    ["independent", "Onafhankelijke steekproeven", "Independent samples"],
    ["disjoint", "Verschillende mensen uit één populatie", "Different people of one population"],
    ["overlapping", "Deels dezelfde mensen", "Partly the same people"],
];

const FORM: &[Code] = &[
    ["lines", "Lijnen", "Lines"],
    ["bar_tick", "Staaf met streep", "Bar with tick"],
    ["dumbbell", "Halter", "Dumbbell"],
    ["dots_bands", "Punten over banden", "Dots over bands"],
    ["matrix", "Matrix", "Matrix"],
];

const UNIT: &[Code] = &[["percent", "%", "%"], ["score", "score", "score"]];

const KINDS: [(&str, &[Code]); 8] = [
    ("call", CALL),
    ("comparability", COMPARABILITY),
    ("contrast_call", CONTRAST_CALL),
    ("form", FORM),
    ("overlap", OVERLAP),
    ("reason", REASON),
    ("status", STATUS),
    ("unit", UNIT),
];

/// The mart `dim_code`.
pub fn table(languages: &[String]) -> Result<RecordBatch, Error> {
    let rows: Vec<(&str, i32, &Code)> = KINDS
        .iter()
        .flat_map(|(kind, codes)| {
            codes.iter().enumerate().map(|(place, code)| (*kind, place as i32 + 1, code))
        })
        .collect();
    let labels: Vec<Labels> = rows.iter().map(|(_, _, [_, nl, en])| pair([nl, en])).collect();
    Columns::default()
        .text("kind", rows.iter().map(|row| row.0))
        .text("code", rows.iter().map(|row| row.2[0]))
        .small("sort_order", rows.iter().map(|row| row.1))
        .labels("label", languages, &labels)
        .build()
}
