//! The words of OpenLineage 2-0-2 that are used here: run events, datasets, facets.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type, Schema};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

const EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const FACETS: &str = "https://openlineage.io/spec/facets/";
const PRODUCER: &str = concat!("urn:peil:", env!("CARGO_PKG_VERSION"));

pub type Facets = BTreeMap<&'static str, Value>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEvent {
    pub event_type: &'static str,
    pub event_time: String,
    pub run: Run,
    pub job: Job,
    pub inputs: Vec<Dataset>,
    pub outputs: Vec<Dataset>,
    pub producer: &'static str,
    #[serde(rename = "schemaURL")]
    pub schema_url: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub run_id: String,
    pub facets: Facets,
}

#[derive(Debug, Serialize)]
pub struct Job {
    pub namespace: String,
    pub name: String,
    pub facets: Facets,
}

/// An input or an output.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    pub namespace: String,
    pub name: String,
    pub facets: Facets,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub input_facets: Facets,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub output_facets: Facets,
}

/// One run of one job.
#[derive(Debug, Clone)]
pub struct JobRun {
    pub namespace: String,
    pub job: String,
    pub id: String,
}

impl JobRun {
    /// Within the run `of`, or the run itself.
    pub fn new(namespace: &str, job: &str, of: &str, started: Timestamp) -> Self {
        let id = uuid(&[namespace, job, of, &started.to_string()]);
        Self { namespace: namespace.to_owned(), job: job.to_owned(), id }
    }
}

impl RunEvent {
    pub fn new(event_type: &'static str, at: Timestamp, run: &JobRun) -> Self {
        let engine = json!({"version": env!("CARGO_PKG_VERSION"), "name": "peil"});
        let engine =
            facet("1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet", engine);
        let kind = json!({"processingType": "BATCH", "integration": "PEIL", "jobType": "JOB"});
        let kind = facet("2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet", kind);
        Self {
            event_type,
            event_time: at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            run: Run { run_id: run.id.clone(), facets: [("processing_engine", engine)].into() },
            job: Job {
                namespace: run.namespace.clone(),
                name: run.job.clone(),
                facets: [("jobType", kind)].into(),
            },
            inputs: Vec::new(),
            outputs: Vec::new(),
            producer: PRODUCER,
            schema_url: EVENT,
        }
    }
}

impl Dataset {
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            facets: Facets::new(),
            input_facets: Facets::new(),
            output_facets: Facets::new(),
        }
    }

    pub fn file(path: &str) -> Self {
        Self::new("file", path)
    }
}

/// A facet's facts, with who says so and where its form is laid down.
pub fn facet(url: &str, facts: Value) -> Value {
    let mut whole = json!({"_producer": PRODUCER, "_schemaURL": format!("{FACETS}{url}")});
    if let (Value::Object(whole), Value::Object(facts)) = (&mut whole, facts) {
        whole.extend(facts);
    }
    whole
}

/// The blake3 of its contents, or the name of a release.
pub fn version(version: &str) -> Value {
    let url = "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet";
    facet(url, json!({"datasetVersion": version}))
}

pub fn statistics(rows: u64) -> Value {
    let url =
        "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet";
    facet(url, json!({"rowCount": rows}))
}

pub fn schema(schema: &Schema) -> Value {
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Dictionary(_, values) => values.to_string(),
            other => other.to_string(),
        };
        json!({"name": field.name(), "type": kind.to_lowercase()})
    });
    let fields: Vec<Value> = fields.collect();
    facet("1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet", json!({"fields": fields}))
}

/// Rows of a text column beside a column of counts.
pub fn texts_and_counts(table: &RecordBatch, text: &str, count: &str) -> Vec<(String, u64)> {
    let texts = table.column_by_name(text).and_then(|column| column.as_string_opt::<i32>());
    let counts =
        table.column_by_name(count).and_then(|column| column.as_primitive_opt::<Int64Type>());
    let (Some(texts), Some(counts)) = (texts, counts) else { return Vec::new() };
    (0..table.num_rows())
        .filter(|row| texts.is_valid(*row) && counts.is_valid(*row))
        .map(|row| (texts.value(row).to_owned(), counts.value(row).max(0).cast_unsigned()))
        .collect()
}

/// A UUID of version 8 (made by its application) from the facts that tell one run from another.
fn uuid(facts: &[&str]) -> String {
    let hash = blake3::hash(facts.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_a_uuid_of_version_8_that_follows_from_its_facts() {
        let id = uuid(&["peil://monitor", "weight.gp.2024"]);
        assert_eq!((id.len(), &id[14..15]), (36, "8"), "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_eq!(id, uuid(&["peil://monitor", "weight.gp.2024"]));
        assert_ne!(id, uuid(&["peil://monitor", "weight.gp.2025"]));
    }
}
