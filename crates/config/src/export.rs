//! config/exports/PROFILE.toml: how a producer writes its files.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use survey::date::DateOrder;
use survey::handoff::OPTION_SEPARATOR;

use super::mistake::Mistake;
use super::{range, toml_file};

/// A few lines of settings that make the next producer readable without code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportProfile {
    /// The file's name; not written in it.
    #[serde(skip_deserializing)]
    pub profile: String,
    /// The profile's name for readers.
    pub label: String,
    /// Delimited text, or a workbook of any kind.
    pub container: Container,
    /// Headers of the columns with the respondent's id, each replaced by a keyed hash; at least one must be there.
    pub id: Vec<String>,
    /// The file has no column of ids: each row's record number is its id, with a warning. Its item's column is `<record_number>`.
    #[serde(default)]
    pub record_number_as_id: bool,
    /// Texts in the header rows that this producer writes and others do not, by which a first look knows it; `*` stands for any text.
    #[serde(default)]
    pub signs: Vec<String>,
    /// How delimited text is written.
    #[serde(default)]
    pub csv: CsvDialect,
    /// Which sheet holds the data.
    #[serde(default)]
    pub workbook: WorkbookChoice,
    /// Where the header is and how it names the columns.
    #[serde(default)]
    pub header: HeaderRule,
    /// How numbers, dates and empty values are written.
    #[serde(default)]
    pub values: ValueForms,
    /// Columns that are dropped before anything is kept.
    #[serde(default)]
    pub personal: Personal,
    /// Rows below the data.
    #[serde(default)]
    pub footer: Footer,
    /// Rows that are no respondents, e.g. previews.
    #[serde(default)]
    pub cut: Vec<Cut>,
}

impl ExportProfile {
    /// Reads a profile's file; its name is the profile's.
    pub fn load(file: &Path) -> Result<Self, Vec<Mistake>> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| vec![Mistake::new(file, None, format!("cannot be read: {error}"))])?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self { profile: name.into_owned(), ..toml_file::parse(file, &text)? })
    }

    /// A profile by its text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let file = Path::new("config/exports").join(format!("{name}.toml"));
        Ok(Self { profile: name.to_owned(), ..toml_file::parse(&file, text)? })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// Delimited text, also gzipped or zipped.
    Csv,
    /// xlsx, xlsm, xlsb, xls or ods, also gzipped or zipped.
    Workbook,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvDialect {
    /// One ASCII character; a `sep=` line in the file goes before it.
    pub delimiter: char,
    /// One ASCII character.
    pub quote: char,
    /// How bytes become letters.
    pub encoding: Encoding,
}

impl Default for CsvDialect {
    fn default() -> Self {
        Self { delimiter: ',', quote: '"', encoding: Encoding::Detect }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Byte-order mark, else UTF-8 where the whole file is valid, else Windows-1252; the decision is recorded.
    #[default]
    Detect,
    #[serde(rename = "utf-8")]
    Utf8,
    /// By its byte-order mark; little endian without one.
    #[serde(rename = "utf-16")]
    Utf16,
    #[serde(rename = "windows-1252")]
    Windows1252,
    #[serde(rename = "latin-1")]
    Latin1,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WorkbookChoice {
    /// Which sheet holds the data; a delivery may name another.
    pub sheet: SheetChoice,
}

/// Which sheet holds the data; a delivery may name another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SheetChoice {
    /// `sheet = "first_visible"`
    #[default]
    FirstVisible,
    /// `sheet = "only_visible"`: more than one visible sheet is an error.
    OnlyVisible,
    /// `sheet = { named = "Data" }`
    Named(String),
    /// `sheet = { like = "Data*" }`: the one sheet that fits; `*` stands for any text.
    Like(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderRule {
    /// Row (or CSV record, blank ones counted) of the first header row, from 1; without it: where the first id column is found.
    #[serde(deserialize_with = "range::maybe::row")]
    #[schemars(schema_with = "range::schema::row")]
    pub first_row: Option<u32>,
    /// How many header rows there are.
    #[serde(deserialize_with = "range::header_rows")]
    #[schemars(schema_with = "range::schema::header_rows")]
    pub rows: u32,
    /// Which of them names the column, from 1.
    #[serde(deserialize_with = "range::header_rows")]
    #[schemars(schema_with = "range::schema::header_rows")]
    pub name_row: u32,
    /// A further header row whose text is added to the name, from 1 (option texts below a question).
    #[serde(deserialize_with = "range::maybe::header_rows")]
    #[schemars(schema_with = "range::schema::header_rows")]
    pub join_row: Option<u32>,
    /// Between the two texts of a joined name.
    pub separator: String,
    /// Texts of `join_row` that add nothing, e.g. `Response`.
    pub leave_out: Vec<String>,
    /// A text stands only above its first column and holds for those to the right that have a text in `join_row`.
    pub fill_right: bool,
    /// The name ends before this text, e.g. `. ` where a heading is `code. question text`.
    pub name_until: Option<String>,
    /// Repeats of the header between the rows are cut (two exports pasted together).
    pub cut_repeats: bool,
}

impl Default for HeaderRule {
    fn default() -> Self {
        Self {
            first_row: None,
            rows: 1,
            name_row: 1,
            join_row: None,
            separator: " - ".to_owned(),
            leave_out: Vec::new(),
            fill_right: false,
            name_until: None,
            cut_repeats: false,
        }
    }
}

/// How numbers and dates are written in text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValueForms {
    /// Numbers are written with a decimal comma.
    pub decimal_comma: bool,
    /// The sign between thousands is there: a point with a decimal comma, else a comma.
    pub thousands: bool,
    /// Orders of day, month and year that count as a date; a text date in another order stays text.
    pub date_orders: Vec<DateOrder>,
    /// The sign between several answers in one cell.
    pub option_separator: char,
    /// Texts that the producer writes where there is no value, e.g. `#NULL!` of SPSS: such a cell is empty.
    pub missing_signs: Vec<String>,
}

impl Default for ValueForms {
    fn default() -> Self {
        Self {
            decimal_comma: false,
            thousands: false,
            date_orders: Vec::new(),
            option_separator: OPTION_SEPARATOR,
            missing_signs: Vec::new(),
        }
    }
}

/// Columns dropped before anything is kept; compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Personal {
    /// Whole headers.
    pub columns: Vec<String>,
    /// How headers begin.
    pub prefixes: Vec<String>,
    /// How headers end.
    pub suffixes: Vec<String>,
}

/// Rows below the data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Footer {
    /// The first filled cell of the row starts so (whatever its case): cut by rule `footer:<text>`.
    pub starts_with: Vec<String>,
    /// Rows at the end that have no id and come after a blank row: cut by rule `footer:no_id_after_blank_row`.
    pub without_id_after_blank: bool,
}

/// Rows cut where a column has one of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Name of the rule in receipt and conservation.
    pub name: String,
    /// The header of the column that tells the rows.
    pub column: String,
    /// The texts for which the row is cut.
    pub values: Vec<String>,
}
