use super::*;

#[test]
fn a_level_that_occurs_without_total_is_an_error() {
    let mut settings = raking();
    settings.totals.remove(3);
    settings.totals[2].total = 1000.0;
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv: margin `age`: no total for level `old`, which 4 respondents have\nhint: add \
         the line `2024,age,old,<total>,<source>,<status>`",
    );
}

#[test]
fn a_total_of_zero_or_below_is_an_error() {
    for bad in [0.0, -500.0, f64::NAN] {
        let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
        settings.totals[1].total = bad;
        check_refusal(
            &settings,
            &format!(
                "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `male` has total {bad}, expected more than \
                 0\nhint: delete the line if the level does not exist in the population, or merge it with a neighbour"
            ),
        );
    }
}

#[test]
fn a_level_that_is_no_code_is_an_error() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.totals[1].level = "man".to_owned();
    let message = refusal(&eight(), &settings);
    let expected = "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `man` is not an answer code, expected \
                    one of `female`, `male`\nhint: levels of crossed concepts are joined by `*` in the order of the margin";
    assert!(message.starts_with(&format!("{expected}\n")), "{message}");
    assert!(
        message
            .lines()
            .nth(2)
            .unwrap()
            .contains("no total for level `male`, which 3 respondents have")
    );
}

#[test]
fn a_total_given_twice_is_an_error() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.totals.push(total("sex", "male", 500.0, 9));
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv, line 9: margin `sex`: level `male` has a total already at line 3, expected \
         one\nhint: delete one of the lines",
    );
}

#[test]
fn margins_of_different_size_are_an_error() {
    let mut settings = raking();
    settings.totals[3].total = 601.0;
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv, line 4: margin `age`: totals add up to 1001, expected 1000 as margin `sex`\nhint: \
         take both margins from one source, or scale one of them on purpose",
    );
}

#[test]
fn a_population_cell_with_nobody_in_the_sample_is_an_error() {
    let settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    let only_women = checked(&[0; 8], &AGE_OF, &[Some(1.0); 8]);
    assert_eq!(
        refusal(&only_women, &settings),
        "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `male` has total 500 and nobody in the sample, \
         expected at least 1 respondent\nhint: no weight can reach it: merge the level with a neighbour in a derived concept"
    );
}

#[test]
fn a_margin_without_any_total_is_an_error() {
    let mut settings = raking();
    settings.totals.truncate(2);
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv: margin `age`: no total for this wave, expected one for each of its levels\nhint: \
         the file has no line for wave 2024: copy those of another wave",
    );
    settings.totals.push(total("sex*age", "female*young", 10.0, 4));
    assert!(
        refusal(&eight(), &settings)
            .ends_with("the file has totals of `sex*age`, which the weighting does not use")
    );
}

#[test]
fn all_faults_come_at_once() {
    let mut settings = raking();
    settings.totals[0].total = -1.0;
    settings.totals[2].level = "jong".to_owned();
    let message = refusal(&eight(), &settings);
    let faults: Vec<&str> = message.lines().filter(|line| !line.starts_with("hint: ")).collect();
    assert_eq!(faults.len(), 4, "{message}");
    assert!(faults.iter().all(|line| line.starts_with("nurse 2024: config/targets/nurse.csv")));
}

#[test]
fn base_weights_must_be_above_zero() {
    for bad in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
        let mut settings = raking();
        settings.weighting.base_weight = Some("base".to_owned());
        let mut base = [Some(1.0); 8];
        base[2] = bad;
        assert_eq!(
            refusal(&checked(&SEX_OF, &AGE_OF, &base), &settings),
            "nurse 2024: base weight `base`: 1 respondents have no value above zero (records 103)\nhint: correct the delivery, \
             or make the rows ineligible by name in config/panels/nurse.toml"
        );
    }
}

#[test]
fn a_base_weight_that_is_no_number_concept_is_an_error() {
    let mut settings = raking();
    settings.weighting.base_weight = Some("sex".to_owned());
    check_refusal(
        &settings,
        "nurse 2024: config/panels/nurse.toml: weighting.base_weight: found `sex`, expected a number concept of the codebook\nhint: \
         leave base_weight out where all respondents have the same",
    );
}

#[test]
fn a_margin_on_a_concept_that_was_not_asked_is_an_error() {
    let mut checked = eight();
    checked.about.asked.remove("age");
    assert_eq!(
        refusal(&checked, &raking()),
        "nurse 2024: config/panels/nurse.toml: margin `age`: `age` was not asked in this wave\nhint: add its item to \
         config/codebook/items.csv or take it out of the margins"
    );
}

#[test]
fn a_margin_on_an_unknown_concept_is_an_error() {
    let settings = settings(WeightingMethod::PostStratification, &[&["region"]]);
    check_refusal(
        &settings,
        "nurse 2024: config/panels/nurse.toml: margin `region`: `region` is not there, expected a category concept\nhint: is \
         it in config/codebook/concepts.csv with an answer list?",
    );
}

#[test]
fn settings_that_contradict_themselves_are_an_error() {
    let check = |change: &dyn Fn(&mut Weighting), expected: &str| {
        let mut settings = raking();
        change(&mut settings.weighting);
        let message = refusal(&eight(), &settings);
        assert!(
            message.starts_with(&format!(
                "nurse 2024: config/panels/nurse.toml: weighting.{expected}"
            )),
            "{message}"
        );
    };
    check(
        &|weighting| weighting.method = WeightingMethod::PostStratification,
        "margins: found 2 with method = \"post_strat",
    );
    check(
        &|weighting| weighting.method = WeightingMethod::Logit,
        "bounds: found none, expected two bounds",
    );
    check(&|weighting| weighting.trim = Trim::Once, "bounds: found none, expected two bounds");
    check(
        &|weighting| weighting.bounds = Some([1.2, 5.0]),
        "bounds: found [1.2, 5], expected a lower bound below 1",
    );
    check(
        &|weighting| weighting.margins.clear(),
        "margins: found 0 with method = \"raking\", expected at least one",
    );
    check(
        &|weighting| weighting.method = WeightingMethod::None,
        "margins: found 2 with method = \"none\", expected none",
    );
}

#[test]
fn another_panel_waves_answers_are_an_error() {
    let mut settings = raking();
    settings.panel_wave.wave = 2025;
    check_refusal(
        &settings,
        "nurse 2025: weighting settings met the answers of nurse 2024, expected those of the same panel and wave",
    );
}

#[test]
fn nobody_to_weight_is_an_error() {
    let nobody = checked(&[], &[], &[]);
    assert_eq!(
        refusal(&nobody, &raking()),
        "nurse 2024: 0 of 0 respondents are left to weight, expected at least 1\nhint: did a filter of an earlier stage take \
         all rows? `peil show checked` tells"
    );
}

#[test]
fn raking_that_stops_early_but_near_is_a_warning_with_the_worst_margin() {
    let mut settings = raking();
    settings.weighting.maximum_rounds = 2;
    settings.weighting.tolerance = 1e-14;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert!(!weighted.about.converged && weighted.about.largest_distance > 1e-14);
    let warning = &weighted.warnings[0];
    assert_eq!(warning.code, "raking_not_converged");
    assert!(
        warning.message.starts_with("nurse 2024: margin `sex`: level `"),
        "{}",
        warning.message
    );
    assert!(
        warning.message.contains("after 2 rounds, expected 500 (distance "),
        "{}",
        warning.message
    );
}

#[test]
fn weights_that_stop_more_than_a_percent_off_a_total_are_refused_and_nearer_ones_are_told() {
    // Rounds over eight equal base weights leave 3.6 and 0.25 percent; with one man of nine, two rounds leave 1.1 percent.
    let heavy = [1.0, 1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0].map(Some);
    for (base, rounds, is_refused) in
        [([Some(1.0); 8], 1, true), (heavy, 2, true), ([Some(1.0); 8], 2, false)]
    {
        let mut settings = raking();
        settings.weighting.base_weight = Some("base".to_owned());
        settings.weighting.maximum_rounds = rounds;
        let ended = calibrate_panel_wave(&checked(&SEX_OF, &AGE_OF, &base), &settings);
        assert_eq!(ended.is_err(), is_refused, "{rounds} rounds: {ended:?}");
    }
}

#[test]
fn a_distance_within_the_limit_is_told_and_bounds_of_trimming_change_nothing_of_it() {
    let mut settings = raking();
    settings.weighting.maximum_rounds = 2;
    let reached = calibrate_panel_wave(&eight(), &settings).unwrap().about.largest_distance;
    settings.refused_distance = reached * 1.001;
    settings.weighting.bounds = Some([0.2, 5.0]);
    settings.weighting.trim = Trim::Once;
    let warnings = calibrate_panel_wave(&eight(), &settings).unwrap().warnings;
    assert_eq!(warnings[0].code, "raking_not_converged");
    settings.refused_distance = reached * 0.999;
    assert!(calibrate_panel_wave(&eight(), &settings).is_err());
}

#[test]
fn raking_that_stays_far_from_its_totals_is_an_error() {
    // Nobody is female and old: the 600 who are old would have to be the 500 men.
    let (sex, age) = ([0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1, 1, 0]);
    let message = refusal(&checked(&sex, &age, &[Some(1.0); 8]), &raking());
    assert!(message.starts_with("nurse 2024: config/targets/nurse.csv, line "), "{message}");
    assert!(
        message.contains("% off): no weights meet all totals\nhint: merge small levels"),
        "{message}"
    );
}

#[test]
fn bounds_that_forbid_a_total_are_an_error_with_the_binding_margin() {
    for method in [WeightingMethod::Linear, WeightingMethod::Logit, WeightingMethod::Raking] {
        let mut settings = settings(method, &[&["sex"], &["age"]]);
        settings.weighting.bounds = Some([0.9, 1.1]);
        let message = refusal(&eight(), &settings);
        assert!(message.starts_with("nurse 2024: config/targets/nurse.csv, line 2: margin `sex`: level `female` stays at 562.5, expected 500"), "{message}");
        assert!(message.contains("no weights meet all totals within the bounds 0.9 to 1.1\nhint: widen weighting.bounds"), "{message}");
    }
}
