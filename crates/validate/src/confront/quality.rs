//! Marks on response quality: speeders, straightliners, near-duplicates.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::{Float64Type, Int8Type, Int16Type};
use arrow::record_batch::RecordBatch;
use survey::codebook::{Kind, Role};
use survey::{Code, Finding, Severity, columns};

use super::Stage;

/// One mark a row each; null where it cannot be told.
pub(super) struct Flags {
    speeder: BooleanArray,
    straightliner: BooleanArray,
    duplicate: BooleanArray,
    pub findings: Vec<Finding>,
}

impl Flags {
    pub fn columns(&self) -> [(&'static str, &BooleanArray); 3] {
        [
            (columns::FLAG_SPEEDER, &self.speeder),
            (columns::FLAG_STRAIGHTLINER, &self.straightliner),
            (columns::FLAG_DUPLICATE, &self.duplicate),
        ]
    }

    pub fn counts(&self) -> BTreeMap<String, u64> {
        let count = |flag: &BooleanArray| flag.true_count() as u64;
        self.columns()
            .into_iter()
            .map(|(name, flag)| (columns::flag_name(name).to_owned(), count(flag)))
            .collect()
    }
}

pub(super) fn flags(stage: &Stage<'_>, table: &RecordBatch) -> Flags {
    let mut flags = Flags {
        speeder: speeders(stage, table),
        straightliner: straightliners(stage, table),
        duplicate: duplicates(stage, table),
        findings: Vec::new(),
    };
    let found: Vec<Finding> = flags
        .columns()
        .into_iter()
        .filter_map(|(name, flag)| {
            let count = flag.true_count() as u64;
            let (code, severity, text) = match count {
                0 if flag.null_count() == flag.len() && !flag.is_empty() => (
                    Code::FlagNotTold,
                    Severity::Info,
                    "no row for which it can be told".to_owned(),
                ),
                0 => return None,
                _ => (Code::RowsFlagged, Severity::Info, format!("{count} rows")),
            };
            Some(Finding {
                rule: Some(columns::plain(name).to_owned()),
                found: text,
                expected: "no mark on response quality".to_owned(),
                action: format!("marked in `{}`; the rows stay", columns::plain(name)),
                count: count.max(1),
                ..stage.finding(code, severity)
            })
        })
        .collect();
    flags.findings = found;
    flags
}

/// True where the time taken is below the share of the median.
fn speeders(stage: &Stage<'_>, table: &RecordBatch) -> BooleanArray {
    let duration =
        stage.settings.duration.as_deref().and_then(|concept| table.column_by_name(concept));
    let Some(duration) = duration.and_then(|column| column.as_primitive_opt::<Float64Type>())
    else {
        return BooleanArray::new_null(table.num_rows());
    };
    let mut known: Vec<f64> = duration.iter().flatten().collect();
    known.sort_by(f64::total_cmp);
    let middle = known.len() / 2;
    let median = match known.len() {
        0 => return BooleanArray::new_null(table.num_rows()),
        odd if odd % 2 == 1 => known[middle],
        _ => f64::midpoint(known[middle - 1], known[middle]),
    };
    let limit = median * stage.settings.quality.speeder_share_of_median;
    duration.iter().map(|duration| duration.map(|duration| duration < limit)).collect()
}

/// True where all answers of a block are the same; null where no block has enough answers.
fn straightliners(stage: &Stage<'_>, table: &RecordBatch) -> BooleanArray {
    let quality = &stage.settings.quality;
    let mut flags: Vec<Option<bool>> = vec![None; table.num_rows()];
    for concepts in quality.straightliner_blocks.values() {
        let mut codes = Codes::default();
        let columns: Vec<Vec<Option<u64>>> = concepts
            .iter()
            .filter(|concept| stage.harmonised.about.asked.contains(*concept))
            .filter_map(|concept| table.column_by_name(concept))
            .map(|column| codes.answers(column))
            .collect();
        for (row, flag) in flags.iter_mut().enumerate() {
            let mut answers = columns.iter().filter_map(|column| column[row]);
            let Some(first) = answers.next() else { continue };
            let (mut count, mut same) = (1, true);
            for answer in answers {
                count += 1;
                same &= answer == first;
            }
            if count >= quality.straightliner_minimum_items.max(2) {
                *flag = Some(same || flag.unwrap_or(false));
            }
        }
    }
    flags.into_iter().collect()
}

/// True where another row has the same answers, missing ones too, to all questions and background items; null below the minimum of answers.
fn duplicates(stage: &Stage<'_>, table: &RecordBatch) -> BooleanArray {
    let substantive = stage.settings.codebook.concepts.iter().filter(|concept| {
        matches!(concept.role, Role::Answer | Role::Background)
            && matches!(concept.kind, Kind::Category | Kind::Number)
            && concept.derivation.is_empty()
    });
    let mut codes = Codes::default();
    let mut answered = vec![0_u32; table.num_rows()];
    let mut keys = vec![0_u128; table.num_rows()];
    for concept in
        substantive.filter(|concept| stage.harmonised.about.asked.contains(&concept.concept))
    {
        let Some(column) = table.column_by_name(&concept.concept) else { continue };
        let missing = table.column_by_name(&columns::missing(&concept.concept));
        let missing = missing.and_then(|missing| missing.as_primitive_opt::<Int8Type>());
        for (row, answer) in codes.answers(column).into_iter().enumerate() {
            let reason = || {
                missing
                    .filter(|missing| missing.is_valid(row))
                    .map_or(0, |missing| missing.value(row))
            };
            answered[row] += u32::from(answer.is_some());
            let word = answer.map_or_else(|| u128::from(reason() as u8) | 1 << 100, u128::from);
            keys[row] = (keys[row].rotate_left(23) ^ word)
                .wrapping_mul(0x2d99_787a_926d_46fb_5851_f42d_4c95_7f2d);
        }
    }
    let mut sizes: HashMap<u128, u32> = HashMap::with_capacity(keys.len());
    for key in &keys {
        *sizes.entry(*key).or_default() += 1;
    }
    let minimum = stage.settings.quality.duplicate_minimum_items.max(1);
    let flag = |(key, answered): (&u128, &u32)| (*answered >= minimum).then(|| sizes[key] > 1);
    keys.iter().zip(&answered).map(flag).collect()
}

/// Answers as numbers: equal answers are equal, over columns with different dictionaries too.
#[derive(Default)]
struct Codes {
    numbers: BTreeMap<String, u64>,
}

impl Codes {
    fn answers(&mut self, column: &ArrayRef) -> Vec<Option<u64>> {
        if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
            return numbers.iter().map(|number| number.map(f64::to_bits)).collect();
        }
        let Some(categories) = column.as_dictionary_opt::<Int16Type>() else {
            return vec![None; column.len()];
        };
        let codes: Vec<u64> = categories
            .values()
            .as_string_opt::<i32>()
            .into_iter()
            .flat_map(|codes| codes.iter().flatten())
            .map(|code| {
                let next = self.numbers.len() as u64;
                *self.numbers.entry(code.to_owned()).or_insert(next)
            })
            .collect();
        categories.keys().iter().map(|key| key.map(|key| codes[key as usize])).collect()
    }
}
