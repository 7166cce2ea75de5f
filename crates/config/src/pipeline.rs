//! pipelines/NAME.toml: what to do now. It can change when, how far and where to, never a figure's definition.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::name;
use super::range;
use survey::Wave;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Its name in run reports and lineage; left out: the file's name.
    #[serde(default)]
    pub name: String,
    /// The folder of the configuration. All paths are relative to the pipeline file.
    #[serde(default = "config")]
    pub config: PathBuf,
    /// Where hand-offs are kept between runs: a folder, or an object store for several machines, e.g. `s3://BUCKET/PREFIX` (docs/scale.md).
    #[serde(default = "store")]
    pub store: PathBuf,
    /// Where releases are published: a folder, or an object store.
    #[serde(default = "marts")]
    pub marts: PathBuf,
    /// Where this machine keeps its copies of a store or marts that lie elsewhere; each worker has its own.
    #[serde(default = "cache")]
    pub cache: PathBuf,
    /// What lies elsewhere; `store` and `marts` are then folders of the cache.
    #[serde(skip)]
    pub elsewhere: Elsewhere,
    /// Where the key of the pseudonyms comes from: exactly one of its keys.
    pub pseudonym_key: PseudonymKey,
    /// How many releases stay beside the current one.
    #[serde(default = "keep_releases", deserialize_with = "range::releases")]
    #[schemars(schema_with = "range::schema::releases")]
    pub keep_releases: u32,
    /// OpenLineage events; none are written where this is left out.
    #[serde(default)]
    pub lineage: Option<LineageSpec>,
    /// How much reading deliveries and making marts may ask of the machine; what is left out is as usual.
    #[serde(default)]
    pub limits: LimitsSpec,
    /// Who reads what is not for everyone, beside its owner.
    #[serde(default)]
    pub permissions: Permissions,
    /// The files, one table each.
    #[serde(rename = "delivery")]
    pub deliveries: Vec<DeliverySpec>,
}

/// Addresses of object stores, as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    pub store: Option<String>,
    pub marts: Option<String>,
}

impl PipelineFile {
    /// Puts folders of the cache, each with the name of its address, in the place of addresses.
    pub(crate) fn take_addresses(&mut self) {
        let cache = self.cache.clone();
        let take = |place: &mut PathBuf, what: &str| {
            let address = place.to_str().filter(|text| text.contains("://"))?.to_owned();
            *place = cache.join(format!("{what}-{}", file_name(&address)));
            Some(address)
        };
        self.elsewhere = Elsewhere {
            store: take(&mut self.store, "store"),
            marts: take(&mut self.marts, "marts"),
        };
    }
}

/// A name for a folder that only this address has.
fn file_name(address: &str) -> String {
    let mut name = String::new();
    for sign in address.trim_end_matches('/').replacen("://", "/", 1).chars() {
        match sign {
            '/' => name.push('+'),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => name.push(sign),
            other => {
                let _ = write!(name, "={:x}=", u32::from(other));
            }
        }
    }
    name
}

/// Who reads the store and the parts of a release that are not public, beside its owner; nobody where it is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// A group of the operating system, by name or number.
    pub group: Option<Group>,
}

/// A group of the operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Group {
    Number(u32),
    Name(String),
}

/// Limits: a delivery or mart that goes beyond one is refused with its name, none is cut. They can change no figure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSpec {
    /// What all deliveries that are read at once may hold in memory together.
    pub memory_mib: Option<u64>,
    /// Of a delivery, blank and cut ones included.
    pub rows: Option<u64>,
    /// Of a delivery.
    pub columns: Option<u64>,
    /// Rows times columns.
    pub cells: Option<u64>,
    /// Of one CSV record or one workbook cell.
    pub record_mib: Option<u64>,
    /// All parts of a workbook or archive, uncompressed.
    pub uncompressed_mib: Option<u64>,
    /// Different texts of a workbook.
    pub shared_strings: Option<u64>,
    /// How long the SQL of one mart may run.
    pub mart_seconds: Option<u64>,
    /// What the SQL of one mart may hold in memory.
    pub mart_memory_mib: Option<u64>,
}

impl LimitsSpec {
    /// Below it not even one delivery can be read.
    pub const LEAST_MEMORY_MIB: u64 = 128;
    /// Beyond it a limit is none.
    pub const MOST: u64 = 1 << 40;

    /// Each limit that is given, by name.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let all = [
            ("memory_mib", self.memory_mib),
            ("rows", self.rows),
            ("columns", self.columns),
            ("cells", self.cells),
            ("record_mib", self.record_mib),
            ("uncompressed_mib", self.uncompressed_mib),
            ("shared_strings", self.shared_strings),
            ("mart_seconds", self.mart_seconds),
            ("mart_memory_mib", self.mart_memory_mib),
        ];
        all.into_iter().filter_map(|(name, limit)| Some((name, limit?)))
    }
}

fn config() -> PathBuf {
    "../config".into()
}

fn store() -> PathBuf {
    "../store".into()
}

fn marts() -> PathBuf {
    "../marts".into()
}

fn cache() -> PathBuf {
    "../cache".into()
}

fn keep_releases() -> u32 {
    5
}

/// Where the events for a data catalogue go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineageSpec {
    /// One JSON event a line, only ever appended to.
    pub file: PathBuf,
}

/// Where the key of the pseudonyms comes from; exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PseudonymKey {
    /// Name of the environment variable.
    Environment(String),
    File(PathBuf),
    /// A declared key for synthetic data; every release made with it says so.
    Demonstration(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverySpec {
    /// Unique; how findings and marts speak of the file. Left out: the file's name without its extension.
    #[serde(default, deserialize_with = "name")]
    #[schemars(schema_with = "range::schema::name")]
    pub name: String,
    /// The delivered file.
    pub file: PathBuf,
    /// A file of config/exports.
    pub profile: String,
    /// The wave of its answers.
    #[serde(deserialize_with = "range::wave")]
    #[schemars(schema_with = "range::schema::wave")]
    pub wave: Wave,
    /// The panels it feeds.
    pub panels: Vec<String>,
    /// Within which an id has one pseudonym; without it that of the one panel. Named where the file feeds several panels.
    #[serde(default)]
    pub id_space: Option<String>,
    /// Sheet by name, where the profile leaves it open.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Rows that the supplier says there are, blank ones and those that the profile cuts left out; another number refuses the delivery.
    #[serde(default)]
    pub expected_rows: Option<u64>,
    /// How long the file must have lain untouched, in seconds (`600`) or with a unit (`"10m"`, also `s`, `h`, `d`): a younger one is refused.
    #[serde(default)]
    pub minimum_age: Option<Age>,
    /// A later release of the same wave replaces an earlier one, which stays named: `1.0`, `1.1`.
    #[serde(default)]
    pub release: Option<String>,
    /// The name of the delivery that this one replaces.
    #[serde(default)]
    pub replaces: Option<String>,
}

impl DeliverySpec {
    /// The space of its ids.
    pub fn id_space(&self) -> &str {
        let panel = self.panels.first().map_or("", String::as_str);
        self.id_space.as_deref().unwrap_or(panel)
    }
}

/// A length of time: a number of seconds, or a number with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenAge", into = "u64")]
pub struct Age {
    seconds: u64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number of seconds, or a text such as \"10m\" (s, m, h or d)")]
enum WrittenAge {
    Seconds(u64),
    Text(String),
}

impl Age {
    /// Nobody waits longer for a file.
    const MOST_SECONDS: u64 = 366 * 86_400;

    pub fn duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

impl TryFrom<WrittenAge> for Age {
    type Error = String;

    fn try_from(written: WrittenAge) -> Result<Self, String> {
        let seconds = match &written {
            WrittenAge::Seconds(seconds) => Some(*seconds),
            WrittenAge::Text(text) => seconds_of(text.trim()),
        };
        let seconds = seconds.filter(|seconds| *seconds <= Self::MOST_SECONDS);
        let expected = "expected seconds, or a number with s, m, h or d, of at most a year";
        seconds.map(|seconds| Self { seconds }).ok_or_else(|| expected.to_owned())
    }
}

impl From<Age> for u64 {
    fn from(age: Age) -> Self {
        age.seconds
    }
}

fn seconds_of(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|sign: char| !sign.is_ascii_digit());
    let unit = match text[digits.len()..].trim() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_addresses_never_share_a_folder_of_the_cache() {
        assert_eq!(file_name("s3://surveys/care/store/"), "s3+surveys+care+store");
        let all = ["s3://a/b", "s3://a+b", "s3://a/b+c", "s3://a/b/c", "s3://a/b c", "gs://a/b"];
        let names: std::collections::BTreeSet<String> =
            all.iter().map(|it| file_name(it)).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn an_age_is_a_number_of_seconds_or_has_a_unit() {
        for (text, seconds) in
            [("600", 600), ("10m", 600), ("90 s", 90), ("2h", 7200), ("366d", 366 * 86_400)]
        {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for wrong in ["", "m", "-1", "1.5h", "10 min", "1m30s", "99999999999999999999"] {
            assert_eq!(seconds_of(wrong), None, "{wrong}");
        }
        let written = |seconds| Age::try_from(WrittenAge::Seconds(seconds));
        assert_eq!(written(5), Ok(Age { seconds: 5 }));
        assert!(written(367 * 86_400).is_err());
    }
}
