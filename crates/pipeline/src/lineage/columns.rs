//! Column lineage, as far as the codebook lays it down: from the headers of a delivery to the concepts of a panel-wave.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::Schema;
use serde_json::{Map, Value, json};
use store::{Stage, Step};
use survey::PanelWave;
use survey::codebook::{Item, Role};

use crate::lineage::Names;
use crate::lineage::event::{Dataset, facet};
use crate::project::Project;

/// Column of an output → what it is made from.
pub type Sources = BTreeMap<String, Vec<Source>>;

#[derive(Debug)]
pub struct Source {
    namespace: String,
    dataset: String,
    field: String,
    description: String,
    /// The value itself cannot be read from the output.
    masking: bool,
}

/// Of the steps whose columns the codebook explains: `admit` and `harmonise`.
pub fn sources(project: &Project, names: &Names) -> BTreeMap<Step, Sources> {
    let mut all = BTreeMap::new();
    for delivery in project.used() {
        for panel in &delivery.panels {
            let of = PanelWave::new(panel.clone(), delivery.wave);
            let items = &project.configuration.codebook.items;
            let items = items.iter().filter(|item| item.panel == of.panel && item.wave == of.wave);
            let items: Vec<&Item> = items.collect();
            let admit = Step::of(Stage::Admit, &of);
            let harmonised = harmonised(project, &items, &names.of_step(&admit));
            all.insert(Step::of(Stage::Harmonise, &of), harmonised);
            all.insert(admit, admitted(project, &items, &names.of_delivery(&delivery.name)));
        }
    }
    all
}

/// An item comes from its column by its crosswalk; the pseudonym from the respondent's number.
fn admitted(project: &Project, items: &[&Item], file: &Dataset) -> Sources {
    let is_identifier = |concept: &str| {
        let concepts = &project.configuration.codebook.concepts;
        concepts.iter().any(|one| one.concept == concept && one.role == Role::Identifier)
    };
    let mut sources = Sources::new();
    for item in items {
        let masking = is_identifier(&item.concept);
        let column = if masking { survey::columns::RESPONDENT } else { item.concept.as_str() };
        let description = match item.crosswalk.as_str() {
            _ if masking => "keyed hash".to_owned(),
            "" => "as delivered".to_owned(),
            crosswalk => format!("crosswalk `{crosswalk}`"),
        };
        let source = Source::new(file, &item.column, &description, masking);
        sources.entry(column.to_owned()).or_default().push(source);
    }
    sources
}

/// A concept comes from its item, a derived one from the asked ones that its SQL reads.
fn harmonised(project: &Project, items: &[&Item], admitted: &Dataset) -> Sources {
    let mut sources = Sources::new();
    for item in items {
        let source = Source::new(admitted, &item.concept, "as admitted", false);
        sources.entry(item.concept.clone()).or_default().push(source);
    }
    let asked: BTreeSet<&str> = items.iter().map(|item| item.concept.as_str()).collect();
    for concept in project.reads.derived() {
        let read = asked_behind(project, concept, &asked);
        let made = read.iter().map(|read| Source::new(admitted, read, "derivation", false));
        let made: Vec<Source> = made.collect();
        if !made.is_empty() && !asked.contains(concept) {
            sources.insert(concept.to_owned(), made);
        }
    }
    sources
}

/// Derived concepts may read derived ones.
fn asked_behind<'a>(
    project: &'a Project,
    concept: &'a str,
    asked: &BTreeSet<&str>,
) -> BTreeSet<&'a str> {
    let (mut open, mut seen, mut found) = (vec![concept], BTreeSet::new(), BTreeSet::new());
    while let Some(next) = open.pop() {
        for read in project.reads.derived_from(next) {
            if asked.contains(read.as_str()) {
                found.insert(read.as_str());
            } else if seen.insert(read.as_str()) {
                open.push(read);
            }
        }
    }
    found
}

impl Source {
    fn new(dataset: &Dataset, field: &str, description: &str, masking: bool) -> Self {
        Self {
            namespace: dataset.namespace.clone(),
            dataset: dataset.name.clone(),
            field: field.to_owned(),
            description: description.to_owned(),
            masking,
        }
    }

    fn as_json(&self) -> Value {
        json!({
            "namespace": self.namespace,
            "name": self.dataset,
            "field": self.field,
            "transformations": [{
                "type": "DIRECT",
                "subtype": "TRANSFORMATION",
                "description": self.description,
                "masking": self.masking,
            }],
        })
    }
}

/// Of the columns that the output has; none where the codebook explains none of them.
pub fn facet_of(sources: &Sources, schema: &Schema) -> Option<Value> {
    let fields: Map<String, Value> = sources
        .iter()
        .filter(|(column, _)| schema.field_with_name(column).is_ok())
        .map(|(column, sources)| {
            let inputs: Vec<Value> = sources.iter().map(Source::as_json).collect();
            (column.clone(), json!({"inputFields": inputs}))
        })
        .collect();
    let url = "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";
    (!fields.is_empty()).then(|| facet(url, json!({"fields": fields})))
}
