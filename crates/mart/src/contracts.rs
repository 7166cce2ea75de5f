//! The contracts of the built-in marts, and those of the restricted marts, whose columns follow the codebook.

use std::collections::BTreeMap;

use survey::codebook::{Codebook, Concept, Kind, Role};
use survey::columns;

use crate::contract::{Column, ColumnType, Contract};
use crate::error::Error;

/// Part of a release: who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    Public,
    Restricted,
    Operational,
}

impl Folder {
    pub const ALL: [Self; 3] = [Self::Public, Self::Restricted, Self::Operational];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Restricted => "restricted",
            Self::Operational => "operational",
        }
    }

    /// Who may read it.
    pub fn readers(self) -> &'static str {
        match self {
            Self::Public => "everyone",
            Self::Restricted => "analysts of the institute",
            Self::Operational => "the data team",
        }
    }
}

macro_rules! text_of {
    ($($mart:literal),+) => { [$(($mart, include_str!(concat!("../contracts/", $mart, ".toml")))),+] };
}

/// Contracts of the built-in tables by folder and name.
pub fn built_in(codebook: &Codebook) -> Result<BTreeMap<(Folder, String), Contract>, Error> {
    let public = text_of!(
        "dim_panel",
        "panel_member",
        "dim_wave",
        "dim_concept",
        "dim_answer",
        "dim_item",
        "dim_indicator",
        "indicator_code",
        "indicator_panel",
        "dim_breakdown",
        "dim_band",
        "dim_gap",
        "dim_status",
        "dim_code",
        "dim_figure",
        "figure_indicator",
        "figure_panel",
        "figure_breakdown",
        "figure_wave",
        "figure_group",
        "panel_wave",
        "panel_wave_margin",
        "estimate",
        "change",
        "contrast",
        "panel_contrast",
        "gap",
        "gap_change",
        "contrast_change",
        "answer_distribution"
    );
    let exact = text_of!(
        "estimate_exact",
        "change_exact",
        "contrast_exact",
        "panel_contrast_exact",
        "gap_exact",
        "gap_change_exact",
        "contrast_change_exact",
        "answer_distribution_exact"
    );
    let operational = text_of!(
        "finding",
        "delivery",
        "conservation",
        "weight_diagnostic",
        "replicate_design",
        "rule_outcome",
        "k_anonymity",
        "meta_run"
    );
    let public = public.into_iter().map(|(mart, text)| (Folder::Public, mart, text));
    let operational = operational.into_iter().map(|(mart, text)| (Folder::Operational, mart, text));
    let mut contracts = BTreeMap::new();
    let exact = exact.into_iter().map(|(mart, text)| (Folder::Restricted, mart, text));
    for (folder, mart, text) in public.chain(operational).chain(exact) {
        contracts.insert(
            (folder, mart.to_owned()),
            Contract::parse(mart, text)?.in_languages(&codebook.languages),
        );
    }
    let restricted =
        [dim_respondent(codebook), fact_answer(), respondent_wide(codebook), replicate_weight()];
    for contract in restricted {
        contracts.insert((Folder::Restricted, contract.mart.clone()), contract);
    }
    Ok(contracts)
}

/// Concepts that `fact_answer` has rows of: answers and background, as codes or numbers.
pub fn in_fact(concept: &Concept) -> bool {
    matches!(concept.role, Role::Answer | Role::Background)
        && matches!(concept.kind, Kind::Category | Kind::Number)
}

/// Concepts that are columns of `dim_respondent`.
pub fn in_dimension(concept: &Concept) -> bool {
    matches!(concept.role, Role::Background | Role::Design)
        && matches!(concept.kind, Kind::Category | Kind::Number)
}

/// Concepts that are columns of `respondent_wide`: all but free text, which is never published.
pub fn in_wide(concept: &Concept) -> bool {
    concept.role != Role::Identifier && concept.kind != Kind::Text
}

fn dim_respondent(codebook: &Codebook) -> Contract {
    let mut columns = who();
    columns.push(column("delivery", ColumnType::Text, false, "delivery from which the row comes"));
    columns.push(column("record", ColumnType::Int64, true, "record in the delivery, from 1"));
    columns.push(column("base_weight", ColumnType::Float64, true, "weight before calibration"));
    columns.push(column("weight", ColumnType::Float64, true, "calibrated weight"));
    columns.push(column(
        "flag_speeder",
        ColumnType::Boolean,
        true,
        "filled in much faster than the median",
    ));
    columns.push(column(
        "flag_straightliner",
        ColumnType::Boolean,
        true,
        "the same answer all through a block",
    ));
    columns.push(column(
        "flag_duplicate",
        ColumnType::Boolean,
        true,
        "the same answers as another respondent",
    ));
    columns
        .extend(codebook.concepts.iter().filter(|concept| in_dimension(concept)).map(of_concept));
    contract(
        "dim_respondent",
        "one row a respondent of a panel-wave",
        &["panel", "wave", "respondent"],
        columns,
    )
}

fn fact_answer() -> Contract {
    let mut columns = who();
    columns.push(column("concept", ColumnType::Text, false, "concept"));
    columns.push(column(
        "code",
        ColumnType::Text,
        false,
        "answer code, name of the missing reason, or empty for a number",
    ));
    columns.push(column(
        "missing_reason",
        ColumnType::Text,
        false,
        "why the answer is missing; empty for an answer",
    ));
    columns.push(column("value", ColumnType::Float64, true, "the number, for a number"));
    contract(
        "fact_answer",
        "one row a respondent and concept that was asked in the panel-wave",
        &["panel", "wave", "respondent", "concept"],
        columns,
    )
}

fn respondent_wide(codebook: &Codebook) -> Contract {
    let mut columns = who();
    columns.push(column("weight", ColumnType::Float64, true, "calibrated weight"));
    let concepts = codebook.concepts.iter().filter(|concept| in_wide(concept));
    columns.extend(concepts.flat_map(|concept| [of_concept(concept), reason_of(concept)]));
    contract(
        "respondent_wide",
        "one row a respondent of a panel-wave",
        &["panel", "wave", "respondent"],
        columns,
    )
}

fn replicate_weight() -> Contract {
    let mut columns = who();
    columns.push(column(
        "weight",
        ColumnType::Float64,
        false,
        "weight of the whole sample, as in dim_respondent",
    ));
    columns.push(column(
        "replicate_weights",
        ColumnType::Float64List,
        false,
        "weight in each replicate, in the order of operational/replicate_design.replicate_scales; all weighting steps in it",
    ));
    contract(
        "replicate_weight",
        "one row a respondent of a panel-wave whose errors come from replicate weights; none where errors are linearised",
        &["panel", "wave", "respondent"],
        columns,
    )
}

fn who() -> Vec<Column> {
    vec![
        column("panel", ColumnType::Text, false, "panel"),
        column("wave", ColumnType::Int32, false, "year of fieldwork"),
        column("respondent", ColumnType::Text, false, "pseudonym: a keyed hash"),
    ]
}

fn of_concept(concept: &Concept) -> Column {
    let kind = if concept.kind == Kind::Number { ColumnType::Float64 } else { ColumnType::Text };
    column(&concept.concept, kind, true, concept.label.plain())
}

fn reason_of(concept: &Concept) -> Column {
    let meaning = format!(
        "why `{}` is missing, empty for an answer; reasons with dim_answer.in_base stay in the denominator",
        concept.concept
    );
    column(&columns::missing(&concept.concept), ColumnType::Text, false, &meaning)
}

fn column(name: &str, kind: ColumnType, nullable: bool, meaning: &str) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        nullable,
        values: Vec::new(),
        meaning: meaning.to_owned(),
        deprecated_by: None,
    }
}

fn contract(mart: &str, grain: &str, key: &[&str], columns: Vec<Column>) -> Contract {
    Contract {
        mart: mart.to_owned(),
        version: 1,
        grain: grain.to_owned(),
        key: key.iter().map(|&name| name.to_owned()).collect(),
        minimum_rows: 0,
        reads: Vec::new(),
        deprecated_by: None,
        leaves_out_others: false,
        columns,
    }
}

/// A mart's contract among all.
pub(crate) fn contract_of<'a>(
    contracts: &'a BTreeMap<(Folder, String), Contract>,
    folder: Folder,
    mart: &str,
) -> Result<&'a Contract, Error> {
    contracts.get(&(folder, mart.to_owned())).ok_or_else(|| Error::ContractText {
        mart: mart.to_owned(),
        message: "there is none".to_owned(),
        position: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use std::collections::BTreeSet;

    use super::*;
    use crate::parquet_file::RUN_ID;

    #[test]
    fn columns_beside_concepts_are_the_names_that_no_concept_may_have() {
        let empty = Codebook::default();
        let beside: BTreeSet<String> = [dim_respondent(&empty), respondent_wide(&empty)]
            .into_iter()
            .flat_map(|contract| contract.columns)
            .map(|column| column.name)
            .chain([RUN_ID.to_owned()])
            .collect();
        let clashing: Vec<&String> =
            beside.iter().filter(|name| !columns::is_reserved(name)).collect();
        assert!(clashing.is_empty(), "a concept may be called {clashing:?}");
        let needless: Vec<String> = columns::reserved()
            .into_iter()
            .filter(|name| !name.ends_with('*') && !beside.contains(name))
            .collect();
        assert!(needless.is_empty(), "no mart has {needless:?}");
    }

    /// `contracts/versions.csv`: what each built-in mart promises under which version; `PEIL_UPDATE_EXPECTED=1` writes it.
    #[test]
    fn what_a_built_in_mart_promises_stands_under_its_version() {
        let codebook = Codebook { languages: vec!["en".to_owned()], ..Codebook::default() };
        let static_ones = built_in(&codebook).unwrap().into_iter();
        let static_ones = static_ones.filter(|((folder, _), _)| *folder != Folder::Restricted);
        let rows = static_ones.map(|((folder, mart), contract)| {
            let schema = crate::MartSchema::of(&contract);
            format!("{}/{mart},{},{}\n", folder.name(), schema.version, schema.fingerprint)
        });
        let now = "mart,version,fingerprint\n".to_owned() + &rows.collect::<String>();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/versions.csv");
        if std::env::var_os("PEIL_UPDATE_EXPECTED").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            now,
            "a contract changed: raise its version where a reader may break, then run this with PEIL_UPDATE_EXPECTED=1"
        );
    }
}
