//! The tables that the stage hands on: `estimate`, `change` and `contrast`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use survey::columns;

use crate::compare::{Change, Decision, GapTest, LevelContrast, Test};
use crate::measure::{Gaps, Measure};
use crate::settings::Pair;
use crate::tabulate::Series;

/// Values of a column; NaN and none become null.
enum Values {
    Text(Vec<String>),
    Wave(Vec<i32>),
    Count(Vec<Option<i64>>),
    Number(Vec<f64>),
    Numbers(Vec<Option<Vec<f64>>>),
}

/// Columns by name, in order.
struct Columns(Vec<(&'static str, Values)>);

impl Columns {
    fn table(self) -> RecordBatch {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (name, values) in self.0 {
            let (data_type, nullable, array): (_, _, ArrayRef) = match values {
                Values::Text(values) => {
                    (DataType::Utf8, false, Arc::new(StringArray::from(values)))
                }
                Values::Wave(values) => {
                    (DataType::Int32, false, Arc::new(Int32Array::from(values)))
                }
                Values::Count(values) => {
                    (DataType::Int64, true, Arc::new(Int64Array::from(values)))
                }
                Values::Number(values) => {
                    let finite = values
                        .into_iter()
                        .map(|value| Some(value).filter(|value| value.is_finite()));
                    (DataType::Float64, true, Arc::new(finite.collect::<Float64Array>()))
                }
                Values::Numbers(rows) => {
                    let rows = rows.into_iter().map(|row| Some(row?.into_iter().map(Some)));
                    let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(rows);
                    (lists.data_type().clone(), true, Arc::new(lists))
                }
            };
            fields.push(Field::new(name, data_type, nullable));
            arrays.push(array);
        }
        let rows = arrays.first().map_or(0, Array::len);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .expect("every column has a value for every row")
    }
}

/// Where a row stands: measure, series, wave by position.
type Place<'a> = (&'a Measure<'a>, &'a Series, usize);

fn keys(places: &[Place<'_>]) -> Vec<(&'static str, Values)> {
    let text = |of: &dyn Fn(&Place<'_>) -> String| Values::Text(places.iter().map(of).collect());
    vec![
        ("indicator", text(&|(measure, series, _)| measure.indicator(series.indicator))),
        ("panel", text(&|(measure, _, _)| measure.panel.clone())),
        (
            "wave",
            Values::Wave(
                places.iter().map(|(measure, _, wave)| measure.wave(*wave) as i32).collect(),
            ),
        ),
        ("breakdown", text(&|(measure, series, _)| measure.breakdown(series.cut))),
        ("level", text(&|(measure, series, _)| measure.level(series.cut, series.level))),
    ]
}

/// Table `estimate`: one row an indicator, panel, wave, breakdown and level.
pub(crate) fn estimates(measures: &[Measure<'_>]) -> RecordBatch {
    let places: Vec<Place<'_>> = measures
        .iter()
        .flat_map(|measure| {
            measure
                .figures()
                .into_iter()
                .map(move |(series, wave)| (measure, &measure.series[series], wave))
        })
        .collect();
    let figures: Vec<_> =
        places.iter().filter_map(|(_, series, wave)| series.figures[*wave].as_ref()).collect();
    let count = |of: &dyn Fn(&crate::tabulate::Figure) -> Option<u64>| {
        let asked = figures
            .iter()
            .map(|figure| of(figure).filter(|_| figure.is_asked()).map(|count| count as i64));
        Values::Count(asked.collect())
    };
    let number = |of: &dyn Fn(&crate::tabulate::Figure) -> f64| {
        Values::Number(figures.iter().map(|figure| of(figure)).collect())
    };
    let text = |of: &dyn Fn(&crate::tabulate::Figure) -> String| {
        Values::Text(figures.iter().map(|figure| of(figure)).collect())
    };
    let mut all = keys(&places);
    all.extend([
        ("n", count(&|figure| Some(figure.n))),
        ("n_yes", count(&|figure| figure.n_yes)),
        ("n_sample", count(&|figure| figure.n_sample)),
        ("sum_of_weights", number(&|figure| figure.sum_of_weights)),
        ("n_eff", number(&|figure| figure.n_eff)),
        ("deff", number(&|figure| figure.deff)),
        ("estimate", number(&|figure| figure.estimate)),
        ("standard_error", number(&|figure| figure.standard_error)),
        ("ci_lower", number(&|figure| figure.interval.0)),
        ("ci_upper", number(&|figure| figure.interval.1)),
        ("degrees_of_freedom", number(&|figure| figure.degrees_of_freedom)),
        ("status", text(&|figure| figure.status.names().0.to_owned())),
        ("reason", text(&|figure| figure.status.names().1.to_owned())),
        ("comparability", text(&|figure| figure.verdict.name().to_owned())),
        ("comparability_note", text(&|figure| figure.note.clone())),
    ]);
    Columns(all).table()
}

/// Extra `change`: one row a figure and reference wave.
pub(crate) fn changes(measures: &[Measure<'_>]) -> RecordBatch {
    Columns(columns_of_changes(&measures.iter().collect::<Vec<_>>()).1).table()
}

/// Extra `gap_change`: one row a gap and reference wave.
pub(crate) fn gap_changes(gaps: &[Gaps<'_>]) -> RecordBatch {
    let measures: Vec<&Measure<'_>> = gaps.iter().map(|gaps| &gaps.measure).collect();
    let (places, mut all) = columns_of_changes(&measures);
    all.extend(pair_of(&places));
    Columns(all).table()
}

/// Extra `contrast_change`: one row a pair of levels and reference wave.
pub(crate) fn contrast_changes(measures: &[Measure<'_>]) -> RecordBatch {
    let (places, mut all) = columns_of_changes(&measures.iter().collect::<Vec<_>>());
    let level = |which: usize| {
        let of =
            |(measure, series, _): &Place<'_>| measure.plan.levels[series.indicator][which].clone();
        Values::Text(places.iter().map(of).collect())
    };
    all.retain(|(name, _)| *name != "level");
    all.extend([("level_a", level(0)), ("level_b", level(1))]);
    Columns(all).table()
}

/// Extra `gap`: one row a pair of indicators, panel, wave, breakdown and level.
pub(crate) fn gaps(gaps: &[Gaps<'_>]) -> RecordBatch {
    let rows: Vec<(Place<'_>, &GapTest)> = gaps
        .iter()
        .flat_map(|Gaps { measure, tests }| {
            tests.iter().map(move |test| ((measure, &measure.series[test.series], test.wave), test))
        })
        .collect();
    let places: Vec<Place<'_>> = rows.iter().map(|row| row.0).collect();
    let tested = |((measure, ..), gap): &(Place<'_>, &GapTest)| Tested {
        difference: gap.difference,
        confidence: measure.plan.confidence(),
        test: gap.test.clone(),
        decision: gap.decision,
    };
    let mut all = keys(&places);
    all.extend(pair_of(&places));
    all.extend(numbers_of(rows.iter().map(tested)));
    all.push(("call", Values::Text(rows.iter().map(|(_, gap)| gap.call().to_owned()).collect())));
    let kept = rows.iter().map(|(_, gap)| Some(gap.test.as_ref()?.keep())).collect();
    all.push((columns::TEST, Values::Numbers(kept)));
    Columns(all).table()
}

/// The pair of which each row tells.
fn pair_of(places: &[Place<'_>]) -> Vec<(&'static str, Values)> {
    let text = |of: fn(&Pair) -> &str| {
        let pair =
            |(measure, series, _): &Place<'_>| of(measure.plan.pairs[series.indicator]).to_owned();
        Values::Text(places.iter().map(pair).collect())
    };
    vec![
        ("gap", text(|pair| &pair.gap)),
        ("subject", text(|pair| &pair.subject)),
        ("minus", text(|pair| &pair.minus)),
    ]
}

fn columns_of_changes<'m>(
    measures: &[&'m Measure<'m>],
) -> (Vec<Place<'m>>, Vec<(&'static str, Values)>) {
    let mut rows: Vec<(&Measure<'_>, &Change)> = Vec::new();
    for &measure in measures {
        let mut own: Vec<&Change> = measure.changes.iter().collect();
        own.sort_by_key(|change| {
            (measure.series[change.series].indicator, change.wave, change.series, change.against)
        });
        rows.extend(own.into_iter().map(|change| (measure, change)));
    }
    let places: Vec<Place<'_>> = rows
        .iter()
        .map(|&(measure, change)| (measure, &measure.series[change.series], change.wave))
        .collect();
    let text = |of: &dyn Fn(&Change) -> &'static str| {
        Values::Text(rows.iter().map(|(_, change)| of(change).to_owned()).collect())
    };
    let reference =
        rows.iter().map(|(measure, change)| measure.wave(change.reference) as i32).collect();
    let tested = |(_, change): &(&Measure<'_>, &Change)| Tested {
        difference: change.difference,
        confidence: measures.first().map_or(f64::NAN, |measure| measure.plan.confidence()),
        test: change.test.clone(),
        decision: change.decision,
    };
    let mut all = keys(&places);
    all.extend([
        ("against", text(&|change| change.against.name())),
        ("reference_wave", Values::Wave(reference)),
    ]);
    all.extend(numbers_of(rows.iter().map(tested)));
    all.extend([
        ("call", text(&|change| change.call.name())),
        ("overlap", text(&|change| change.sharing.name())),
        ("duplicate_of", text(&|change| if change.is_duplicate { "previous_wave" } else { "" })),
        (
            columns::TEST,
            Values::Numbers(
                rows.iter().map(|(_, change)| Some(change.test.as_ref()?.keep())).collect(),
            ),
        ),
    ]);
    (places, all)
}

/// Extra `contrast`: one row an indicator, panel, wave, breakdown and pair of published levels.
pub(crate) fn contrasts(measures: &[Measure<'_>]) -> RecordBatch {
    let mut rows: Vec<(&Measure<'_>, &LevelContrast)> = Vec::new();
    for measure in measures {
        let mut own: Vec<&LevelContrast> = measure.contrasts.iter().collect();
        own.sort_by_key(|pair| (pair.indicator, pair.wave, pair.cut, pair.levels));
        rows.extend(own.into_iter().map(|pair| (measure, pair)));
    }
    let text = |of: &dyn Fn(&Measure<'_>, &LevelContrast) -> String| {
        Values::Text(rows.iter().map(|(measure, pair)| of(measure, pair)).collect())
    };
    let tested = |(measure, pair): &(&Measure<'_>, &LevelContrast)| Tested {
        difference: pair.difference,
        confidence: measure.plan.confidence(),
        test: pair.test.clone(),
        decision: pair.decision,
    };
    let mut all = vec![
        ("indicator", text(&|measure, pair| measure.indicator(pair.indicator))),
        ("panel", text(&|measure, _| measure.panel.clone())),
        (
            "wave",
            Values::Wave(
                rows.iter().map(|(measure, pair)| measure.wave(pair.wave) as i32).collect(),
            ),
        ),
        ("breakdown", text(&|measure, pair| measure.breakdown(pair.cut))),
        ("level_a", text(&|measure, pair| measure.level(pair.cut, pair.levels[0]))),
        ("level_b", text(&|measure, pair| measure.level(pair.cut, pair.levels[1]))),
    ];
    all.extend(numbers_of(rows.iter().map(tested)));
    all.push(("call", text(&|_, pair| pair.call().to_owned())));
    let kept = rows.iter().map(|(_, pair)| Some(pair.test.as_ref()?.keep())).collect();
    all.push((columns::TEST, Values::Numbers(kept)));
    Columns(all).table()
}

/// A comparison as a table tells it.
struct Tested {
    difference: f64,
    confidence: f64,
    test: Option<Test>,
    decision: Option<Decision>,
}

/// The columns that changes and contrasts have in common.
fn numbers_of(rows: impl Iterator<Item = Tested>) -> Vec<(&'static str, Values)> {
    const NAMES: [&str; 11] = [
        "difference",
        "standard_error",
        "ci_lower",
        "ci_upper",
        "ci_adjusted_lower",
        "ci_adjusted_upper",
        "detectable_difference",
        "statistic",
        "degrees_of_freedom",
        "p",
        "p_adjusted",
    ];
    let of_row = |Tested { difference, confidence, test, decision }: Tested| {
        let mut numbers = [f64::NAN; NAMES.len()];
        numbers[0] = difference;
        if let Some(test) = test {
            let (lower, upper) = test.interval(1.0 - confidence);
            numbers[1..4].copy_from_slice(&[test.standard_error, lower, upper]);
            numbers[7..10].copy_from_slice(&[test.statistic, test.degrees_of_freedom, test.p]);
        }
        if let Some(Decision { p_adjusted, interval, detectable, .. }) = decision {
            numbers[4..7].copy_from_slice(&[interval.0, interval.1, detectable]);
            numbers[10] = p_adjusted;
        }
        numbers
    };
    let rows: Vec<[f64; NAMES.len()]> = rows.map(of_row).collect();
    let column = |(at, name)| (name, Values::Number(rows.iter().map(|row| row[at]).collect()));
    NAMES.into_iter().enumerate().map(column).collect()
}
