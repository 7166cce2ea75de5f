use arrow::array::BooleanArray;
use survey::codebook::Comparability;

use super::*;
use crate::interval::{ProportionFacts, ProportionMethod, proportion, student};
use crate::tabulate;

/// Ten respondents, five a sex; women weigh 2, men 3.
pub(super) fn ten() -> Vec<Respondent> {
    let uses = [Yes, No, Yes, Yes, No, No, No, Yes, No, No];
    (0..10)
        .map(|id| respondent(id, if id < 5 { 2.0 } else { 3.0 }, i16::from(id >= 5), uses[id]))
        .collect()
}

pub(super) fn values(
    rows: &[Respondent],
    of: impl Fn(&Respondent) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    rows.iter().map(|row| (row.weight, of(row))).collect()
}

pub(super) fn uses(row: &Respondent) -> Option<f64> {
    match row.uses {
        Yes => Some(1.0),
        No => Some(0.0),
        Missing(_) => None,
    }
}

pub(super) fn sexes(rows: &[Respondent]) -> Vec<i16> {
    rows.iter().map(|row| row.sex).collect()
}

#[test]
fn a_share_without_calibration_has_the_textbook_error() {
    let rows = ten();
    let made = made(&[weighted("gp", 2021, &[], &rows)], &settings("gp", &[2021]));
    let error = standard_error(&values(&rows, uses), None);
    let share = (3.0 * 2.0 + 3.0) / 25.0;
    let facts = ProportionFacts {
        proportion: share,
        variance: error * error,
        rows: 10,
        degrees_of_freedom: 9.0,
    };
    let interval = proportion(facts, ProportionMethod::Logit, 0.95).unwrap();
    figures(&made).check(
        "users gp 2021 total total",
        &[
            ("n", 10.0),
            ("n_yes", 4.0),
            ("n_sample", 10.0),
            ("sum_of_weights", 25.0),
            ("n_eff", 625.0 / 65.0),
            ("estimate", share),
            ("standard_error", error),
            ("ci_lower", interval.0),
            ("ci_upper", interval.1),
            ("degrees_of_freedom", 9.0),
        ],
    );
    let logit = (share / (1.0 - share)).ln();
    let t = 2.262_157_162_740_992;
    let half = t * error / (share * (1.0 - share));
    assert!((interval.0 - 1.0 / (1.0 + (half - logit).exp())).abs() < 1e-9);
}

#[test]
fn the_calibration_takes_its_margin_out_of_the_error() {
    let rows = ten();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let error = standard_error(&values(&rows, uses), Some(&sexes(&rows)));
    let without = standard_error(&values(&rows, uses), None);
    assert!(error < without);
    figures(&made).check("users gp 2021 total total", &[("standard_error", error)]);
    let score = standard_error(&values(&rows, |row| Some(row.score)), Some(&sexes(&rows)));
    figures(&made).check("score gp 2021 total total", &[("standard_error", score)]);
}

#[test]
fn a_level_is_a_domain_of_the_whole_sample() {
    let rows = ten();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let women = values(&rows, |row| uses(row).filter(|_| row.sex == 0));
    let error = standard_error(&women, Some(&sexes(&rows)));
    figures(&made).check(
        "users gp 2021 sex female",
        &[
            ("n", 5.0),
            ("n_yes", 3.0),
            ("estimate", 0.6),
            ("standard_error", error),
            ("degrees_of_freedom", 4.0),
        ],
    );
}

#[test]
fn a_mean_has_a_t_interval() {
    let rows = ten();
    let made = made(&[weighted("gp", 2021, &[], &rows)], &settings("gp", &[2021]));
    let mean = (10.0 * 2.0 + 35.0 * 3.0) / 25.0;
    let error = standard_error(&values(&rows, |row| Some(row.score)), None);
    let interval = student(mean, error, 9.0, 0.95);
    figures(&made).check(
        "score gp 2021 total total",
        &[
            ("estimate", mean),
            ("n_yes", f64::NAN),
            ("ci_lower", interval.0),
            ("ci_upper", interval.1),
        ],
    );
}

#[test]
fn everybody_the_same_answer_gives_a_one_sided_interval() {
    let rows: Vec<Respondent> = (0..20).map(|id| respondent(id, 1.0, 0, No)).collect();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let upper = 1.0 - 0.025_f64.powf(1.0 / 20.0);
    let found = figures(&made);
    found.check(
        "users gp 2021 total total",
        &[("estimate", 0.0), ("n_yes", 0.0), ("standard_error", 0.0), ("ci_lower", 0.0)],
    );
    let two_sided = (found.number("users gp 2021 total total", "ci_upper") - upper).abs() < 1e-6;
    let one_sided = 1.0 - 0.05_f64.powf(1.0 / 20.0);
    let one_sided =
        (found.number("users gp 2021 total total", "ci_upper") - one_sided).abs() < 1e-6;
    assert!(one_sided || two_sided);
    found.check_words("users gp 2021 total total", &[("status", "estimated")]);
}

#[test]
fn everybody_the_same_number_has_no_error() {
    let rows: Vec<Respondent> =
        ten().into_iter().map(|row| Respondent { score: 6.3, ..row }).collect();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    figures(&made).check(
        "score gp 2021 total total",
        &[("estimate", 6.3), ("ci_lower", 6.3), ("ci_upper", 6.3)],
    );
    assert!(figures(&made).number("score gp 2021 total total", "standard_error") < 1e-13);
}

#[test]
fn missing_reasons_of_the_base_count_as_no_and_others_leave() {
    let mut rows = ten();
    rows[0].uses = Missing(MissingReason::DontKnow);
    rows[1].uses = Missing(MissingReason::NotRouted);
    rows[2].uses = Missing(MissingReason::Refused);
    let mut settings = settings("gp", &[2021]);
    settings.concepts.get_mut("use").unwrap().base_includes =
        BTreeSet::from([MissingReason::DontKnow]);
    let one = [weighted("gp", 2021, &[], &rows)];
    figures(&made(&one, &settings)).check(
        "users gp 2021 total total",
        &[("n", 8.0), ("n_yes", 2.0), ("n_sample", 10.0), ("estimate", 5.0 / 21.0)],
    );
    settings.concepts.get_mut("use").unwrap().base_includes.insert(MissingReason::NotRouted);
    figures(&made(&one, &settings))
        .check("users gp 2021 total total", &[("n", 9.0), ("estimate", 5.0 / 23.0)]);
}

#[test]
fn who_was_not_asked_is_in_no_base_whatever_the_concept_keeps() {
    let mut settings = settings("gp", &[2021]);
    let kept = &mut settings.concepts.get_mut("use").unwrap().base_includes;
    kept.extend([MissingReason::NotAsked, MissingReason::Refused]);
    let mut rows = ten();
    rows[0].uses = Missing(MissingReason::NotAsked);
    rows[1].uses = Missing(MissingReason::Refused);
    let made = made(&[weighted("gp", 2021, &[], &rows)], &settings);
    figures(&made).check("users gp 2021 total total", &[("n", 9.0), ("n_sample", 10.0)]);
}

#[test]
fn an_indicator_may_count_a_missing_reason_that_stays_in_the_base() {
    let mut rows = ten();
    rows[0].uses = Missing(MissingReason::DontKnow);
    let mut settings = settings("gp", &[2021]);
    settings.concepts.get_mut("use").unwrap().base_includes =
        BTreeSet::from([MissingReason::DontKnow]);
    settings.indicators[0].codes = vec!["dont_know".to_owned()];
    let made = made(&[weighted("gp", 2021, &[], &rows)], &settings);
    figures(&made).check(
        "users gp 2021 total total",
        &[("n", 10.0), ("n_yes", 1.0), ("estimate", 2.0 / 25.0)],
    );
}

#[test]
fn missing_values_are_outside_of_means() {
    let mut rows = ten();
    rows[9].score = f64::NAN;
    let made = made(&[weighted("gp", 2021, &[], &rows)], &settings("gp", &[2021]));
    figures(&made)
        .check("score gp 2021 total total", &[("n", 9.0), ("estimate", (20.0 + 78.0) / 22.0)]);
}

#[test]
fn the_base_condition_decides_who_counts_and_null_is_outside() {
    let rows = ten();
    let mask: BooleanArray =
        (0..10).map(|row| if row == 0 { None } else { Some(row < 5) }).collect();
    let bases = Bases::from([("users".to_owned(), vec![mask])]);
    let made =
        tabulate(&[weighted("gp", 2021, &[], &rows)], &bases, &settings("gp", &[2021])).unwrap();
    figures(&made)
        .check("users gp 2021 total total", &[("n", 4.0), ("n_yes", 2.0), ("estimate", 0.5)]);
    figures(&made).check("score gp 2021 total total", &[("n", 10.0)]);
}

#[test]
fn respondents_with_weight_zero_count_nowhere() {
    let mut rows = ten();
    rows[0].weight = 0.0;
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let error = standard_error(&values(&rows[1..], uses), Some(&sexes(&rows[1..])));
    figures(&made).check(
        "users gp 2021 total total",
        &[("n", 9.0), ("n_sample", 9.0), ("degrees_of_freedom", 8.0), ("standard_error", error)],
    );
}

#[test]
fn every_figure_with_answers_is_estimated_whoever_may_see_it() {
    let found = made(&[weighted("gp", 2021, &[], &ten())], &settings("gp", &[2021]));
    let found = figures(&found);
    found.check_words("users gp 2021 sex male", &[("status", "estimated"), ("reason", "")]);
    found.check("users gp 2021 sex male", &[("n", 5.0), ("n_yes", 1.0), ("estimate", 0.2)]);
}

#[test]
fn a_level_without_anybody_is_a_row_without_figures() {
    let rows: Vec<Respondent> = ten().into_iter().map(|row| Respondent { sex: 0, ..row }).collect();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let found = figures(&made);
    let nothing = [
        ("n", 0.0),
        ("n_sample", 0.0),
        ("estimate", f64::NAN),
        ("standard_error", f64::NAN),
        ("ci_lower", f64::NAN),
    ];
    found.check("users gp 2021 sex male", &nothing);
    found.check_words(
        "users gp 2021 sex male",
        &[("status", "no_answers"), ("reason", "no_answers")],
    );
}

#[test]
fn one_respondent_has_an_estimate_and_no_error() {
    let made = made(&[weighted("gp", 2021, &[], &ten()[..1])], &settings("gp", &[2021]));
    let expected =
        [("n", 1.0), ("estimate", 1.0), ("standard_error", f64::NAN), ("ci_upper", f64::NAN)];
    figures(&made).check("users gp 2021 total total", &expected);
}

/// `settings` where a code of a concept was no answer in a wave.
fn without(concept: &str, wave: Wave, codes: &[&str], mut settings: Settings) -> Settings {
    let asked = Asked {
        comparability: Comparability::Identical,
        note: String::new(),
        offered: Some(codes.iter().map(|code| (*code).to_owned()).collect()),
    };
    settings.comparability.entry(concept.to_owned()).or_default().insert(wave, asked);
    settings
}

#[test]
fn a_level_that_was_no_answer_in_a_wave_was_not_asked_then() {
    let settings = without("sex", 2021, &["female"], settings("gp", &[2021, 2022]));
    let waves = [2021, 2022].map(|wave| weighted("gp", wave, &[], &ten()));
    let made = made(&waves, &settings);
    let found = figures(&made);
    let words = [("status", "not_asked"), ("reason", "not_asked"), ("comparability", "not_asked")];
    found.check_words("users gp 2021 sex male", &words);
    found.check("users gp 2021 sex male", &[("n", f64::NAN), ("estimate", f64::NAN)]);
    found.check_words("users gp 2021 sex female", &[("status", "estimated")]);
    let first = [("status", "estimated"), ("comparability", "first")];
    found.check_words("users gp 2022 sex male", &first);
    let males = changes(&made).text("level").iter().filter(|level| *level == "male").count();
    assert_eq!(males, 0, "there is nothing to compare with");
}

#[test]
fn an_indicator_none_of_whose_codes_was_an_answer_was_not_asked_then() {
    let waves = [2021, 2022].map(|wave| weighted("gp", wave, &[], &ten()));
    let of =
        |codes: &[&str]| made(&waves, &without("use", 2021, codes, settings("gp", &[2021, 2022])));
    let never = of(&["no"]);
    figures(&never).check_words("users gp 2021 total total", &[("status", "not_asked")]);
    figures(&never).check_words("score gp 2021 total total", &[("status", "estimated")]);
    figures(&never).check_words("users gp 2022 total total", &[("status", "estimated")]);
    let asked = of(&["yes", "no"]);
    figures(&asked).check_words("users gp 2021 total total", &[("status", "estimated")]);
}

#[test]
fn what_was_not_asked_is_a_row_of_its_own() {
    let mut first = weighted("gp", 2021, &[], &ten());
    first.about.asked.remove("use");
    let mut second = weighted("gp", 2022, &[], &ten());
    second.about.asked.remove("sex");
    let made = made(&[first, second], &settings("gp", &[2021, 2022]));
    let found = figures(&made);
    let words = [("status", "not_asked"), ("reason", "not_asked"), ("comparability", "not_asked")];
    found.check_words("users gp 2021 total total", &words);
    found.check_words("users gp 2022 sex male", &words);
    found.check(
        "users gp 2021 total total",
        &[("n", f64::NAN), ("n_sample", f64::NAN), ("estimate", f64::NAN)],
    );
    found.check_words(
        "users gp 2022 total total",
        &[("status", "estimated"), ("comparability", "first")],
    );
    assert_eq!(changes(&made).text("indicator").iter().filter(|name| *name == "users").count(), 0);
}

#[test]
fn a_wave_without_hand_off_reads_not_asked_with_a_warning() {
    let made = made(&[weighted("gp", 2022, &[], &ten())], &settings("gp", &[2021, 2022]));
    figures(&made).check_words("users gp 2021 total total", &[("status", "not_asked")]);
    assert_eq!(made.warnings[0].code, "wave_without_answers");
}

#[test]
fn waves_outside_an_indicators_first_and_last_have_no_row() {
    let mut settings = settings("gp", &[2021, 2022]);
    settings.indicators[0].first_wave = Some(2022);
    let made =
        made(&[weighted("gp", 2021, &[], &ten()), weighted("gp", 2022, &[], &ten())], &settings);
    let found = figures(&made);
    let rows = found.text("indicator").into_iter().zip(found.waves("wave"));
    assert_eq!(rows.filter(|row| *row == ("users".to_owned(), 2021)).count(), 0);
}

#[test]
fn rows_come_by_indicator_wave_breakdown_and_level() {
    let made = made(
        &[weighted("gp", 2022, &[], &ten()), weighted("gp", 2021, &[], &ten())],
        &settings("gp", &[2021, 2022]),
    );
    let found = figures(&made);
    let rows: Vec<String> = (0..made.table.num_rows())
        .map(|row| {
            format!(
                "{} {} {}",
                found.text("indicator")[row],
                found.waves("wave")[row],
                found.text("level")[row]
            )
        })
        .collect();
    let mut expected = Vec::new();
    for indicator in ["users", "score"] {
        for wave in [2021, 2022] {
            expected.extend(
                ["total", "female", "male"].map(|level| format!("{indicator} {wave} {level}")),
            );
        }
    }
    assert_eq!(rows, expected);
}

#[test]
fn a_breakdown_is_made_only_for_its_indicators() {
    let mut settings = settings("gp", &[2021]);
    settings.breakdowns[0].indicators = vec!["score".to_owned()];
    let made = made(&[weighted("gp", 2021, &[], &ten())], &settings);
    assert_eq!(made.table.num_rows(), 1 + 3);
}

#[test]
fn a_break_travels_with_the_series_and_with_the_breakdown() {
    let mut settings = settings("gp", &[2021, 2022, 2023]);
    asked(&mut settings, "use", 2022, Comparability::Incompatible, "new answers");
    asked(&mut settings, "use", 2023, Comparability::Compatible, "reworded");
    asked(&mut settings, "sex", 2023, Comparability::Incompatible, "third category");
    let waves = [2021, 2022, 2023].map(|wave| weighted("gp", wave, &[], &ten()));
    let made = made(&waves, &settings);
    let found = figures(&made);
    found.check_words(
        "users gp 2021 total total",
        &[("comparability", "first"), ("comparability_note", "")],
    );
    found.check_words(
        "users gp 2022 total total",
        &[("comparability", "break"), ("comparability_note", "new answers")],
    );
    found.check_words(
        "users gp 2023 total total",
        &[("comparability", "comparable"), ("comparability_note", "reworded")],
    );
    let both = [("comparability", "break"), ("comparability_note", "reworded; third category")];
    found.check_words("users gp 2023 sex female", &both);
    found.check_words("score gp 2023 total total", &[("comparability", "comparable")]);
}

#[test]
fn a_break_in_a_source_breaks_the_derived_series() {
    let codebook = codebook_with_a_derived_concept();
    let derived_from = BTreeMap::from([("derived".to_owned(), vec!["use".to_owned()])]);
    let asked = crate::settings::asked("derived", "gp", &codebook, &derived_from);
    assert_eq!(asked[&2022].comparability, Comparability::Incompatible);
    assert_eq!(asked[&2022].note, "new answers");
}

fn codebook_with_a_derived_concept() -> survey::codebook::Codebook {
    let item = survey::codebook::Item {
        panel: "gp".to_owned(),
        wave: 2022,
        concept: "use".to_owned(),
        column: String::new(),
        aliases: Vec::new(),
        occurrence: 1,
        option: String::new(),
        crosswalk: String::new(),
        minimum: None,
        maximum: None,
        routed_by: String::new(),
        routed_codes: Vec::new(),
        comparability: Comparability::Incompatible,
        question: survey::Labels::default(),
        note: "new answers".to_owned(),
        line: survey::Line(2),
    };
    survey::codebook::Codebook { items: vec![item], ..survey::codebook::Codebook::default() }
}
