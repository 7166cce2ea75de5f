use super::*;
use crate::{GroupSettings, tabulate_group};

/// Twenty respondents of whom `yes` use, each with the same weight.
fn panel(name: &str, wave: Wave, first: usize, weight: f64, yes: usize) -> Weighted {
    let rows: Vec<Respondent> = (0..20)
        .map(|row| {
            respondent(first + row, weight, (row % 2) as i16, if row < yes { Yes } else { No })
        })
        .collect();
    weighted(name, wave, &["sex"], &rows)
}

fn two(waves: &[Wave]) -> GroupSettings {
    GroupSettings {
        group: "providers".to_owned(),
        panels: vec![settings("gp", waves), settings("nurse", waves)],
    }
}

fn group(panels: &[Vec<Weighted>], settings: &GroupSettings) -> Estimates {
    tabulate_group(panels, &vec![Bases::new(); panels.len()], settings).unwrap()
}

fn one_wave() -> Vec<Vec<Weighted>> {
    vec![vec![panel("gp", 2021, 0, 1.0, 5)], vec![panel("nurse", 2021, 100, 3.0, 15)]]
}

fn own(handoff: &Weighted, name: &str, column: &str) -> f64 {
    let made = made(std::slice::from_ref(handoff), &settings(name, &[2021]));
    figures(&made).number(&format!("users {name} 2021 total total"), column)
}

#[test]
fn pooled_respondents_weigh_as_their_populations() {
    let made = group(&one_wave(), &two(&[2021]));
    let pooled = (5.0 + 3.0 * 15.0) / (20.0 + 60.0);
    let errors = one_wave()
        .into_iter()
        .zip(["gp", "nurse"])
        .map(|(waves, name)| own(&waves[0], name, "standard_error"));
    let errors: Vec<f64> = errors.collect();
    // Stratified by panel: each panel's own error with its share of the population.
    let within = (0.25 * errors[0]).hypot(0.75 * errors[1]);
    figures(&made).check(
        "users providers_pooled 2021 total total",
        &[
            ("n", 40.0),
            ("estimate", pooled),
            ("standard_error", within),
            ("degrees_of_freedom", 38.0),
        ],
    );
}

#[test]
fn the_mean_of_groups_counts_each_panel_once() {
    let made = group(&one_wave(), &two(&[2021]));
    let panels = one_wave();
    let errors =
        [own(&panels[0][0], "gp", "standard_error"), own(&panels[1][0], "nurse", "standard_error")];
    figures(&made).check(
        "users providers_mean_of_groups 2021 total total",
        &[
            ("n", 40.0),
            ("n_yes", 20.0),
            ("estimate", 0.5),
            ("standard_error", errors[0].hypot(errors[1]) / 2.0),
            ("n_eff", f64::NAN),
        ],
    );
}

#[test]
fn both_measures_have_their_own_changes() {
    let waves = |name: &str, first: usize, weight: f64| {
        vec![panel(name, 2021, first, weight, 2), panel(name, 2022, first + 50, weight, 18)]
    };
    let made = group(&[waves("gp", 0, 1.0), waves("nurse", 200, 3.0)], &two(&[2021, 2022]));
    for measure in ["providers_pooled", "providers_mean_of_groups"] {
        let key = format!("users {measure} 2022 total total previous_wave");
        changes(&made).check(&key, &[("difference", 0.8)]);
        changes(&made).check_words(&key, &[("call", "increased"), ("overlap", "independent")]);
    }
}

#[test]
fn the_same_people_in_both_waves_count_in_the_mean_of_groups() {
    let waves = |name: &str, first: usize| {
        vec![panel(name, 2021, first, 1.0, 8), panel(name, 2022, first, 1.0, 9)]
    };
    let made = group(&[waves("gp", 0), waves("nurse", 200)], &two(&[2021, 2022]));
    let found = changes(&made);
    let key = "users providers_mean_of_groups 2022 total total previous_wave";
    found.check_words(key, &[("overlap", "overlapping")]);
    let found_error = found.number(key, "standard_error");
    let one =
        figures(&made).number("users providers_mean_of_groups 2021 total total", "standard_error");
    assert!(found_error < 0.7 * one, "{found_error} {one}");
}

#[test]
fn a_series_breaks_where_other_panels_were_asked() {
    let mut nurses = panel("nurse", 2021, 100, 1.0, 10);
    nurses.about.asked.remove("use");
    let panels = [
        vec![panel("gp", 2021, 0, 1.0, 5), panel("gp", 2022, 50, 1.0, 5)],
        vec![nurses, panel("nurse", 2022, 150, 1.0, 15)],
    ];
    let made = group(&panels, &two(&[2021, 2022]));
    for measure in ["providers_pooled", "providers_mean_of_groups"] {
        figures(&made).check_words(
            &format!("users {measure} 2022 total total"),
            &[("comparability", "break"), ("comparability_note", "asked of gp, nurse")],
        );
        changes(&made).check_words(
            &format!("users {measure} 2022 total total previous_wave"),
            &[("call", "not_comparable")],
        );
        figures(&made).check(
            &format!("users {measure} 2021 total total"),
            &[("n", 20.0), ("estimate", 0.25)],
        );
    }
}

#[test]
fn an_indicator_of_one_panel_is_no_groups_figure() {
    let mut settings = two(&[2021]);
    settings.panels[1].indicators.remove(0);
    settings.panels[1].breakdowns.clear();
    let made = group(&one_wave(), &settings);
    assert_eq!(figures(&made).text("indicator"), ["score", "score"]);
    assert_eq!(figures(&made).text("panel"), ["providers_pooled", "providers_mean_of_groups"]);
}

#[test]
fn a_panel_without_anybody_in_a_level_leaves_the_mean_undefined() {
    let mut panels = one_wave();
    let rows: Vec<Respondent> = (0..20).map(|row| respondent(row, 1.0, 0, Yes)).collect();
    panels[0] = vec![weighted("gp", 2021, &["sex"], &rows)];
    let made = group(&panels, &two(&[2021]));
    let key = "users providers_mean_of_groups 2021 sex male";
    figures(&made).check(key, &[("estimate", f64::NAN)]);
    figures(&made).check_words(key, &[("status", "no_answers"), ("reason", "no_answers")]);
}
