//! What the parts of the disclosure control promise, each by itself.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

pub mod tables;

use config::monitor::{Disclosure, QualityScheme};

use super::block::Interval;
use super::cells::{Exact, Place, TOTAL, UNKNOWN, unknown};
use super::narrow::{Told, follow, middle};
use super::rule::{Facts, Grade, Verdict, grade, primary};

const REST: Facts = Facts {
    respondents: 100,
    yes: Some(40),
    sample: Some(100),
    effective: Some(90.0),
    value: 0.4,
    standard_error: Some(0.04),
    interval: Some((0.35, 0.45)),
};

fn between(low: f64, high: f64) -> Interval {
    Interval { low, high }
}

fn near(found: Interval, low: f64, high: f64) -> bool {
    // What follows from others ends a hair (1e-12 a step) beyond.
    (found.low - low).abs() < 1e-10 && (found.high - high).abs() < 1e-10
}

pub fn settings(more: &str) -> Disclosure {
    let text = format!("minimum_base = 30\nminimum_cell = 5\nstatus = \"assumed\"\n{more}");
    toml::from_str(&text).unwrap()
}

#[test]
fn the_middle_of_an_interval_is_halfway_and_that_of_a_share_halfway_on_the_logit_scale() {
    let found = middle(between(1.0, 2.0), between(3.0, 5.0), false).unwrap();
    assert!(near(found, 2.0, 3.5), "{found:?}");
    let share = |logit: f64| 1.0 / (1.0 + (-logit).exp());
    let (lower, upper) = (between(share(-2.0), share(-1.9)), between(share(1.0), share(1.2)));
    let found = middle(lower, upper, true).unwrap();
    assert!(near(found, share(-0.5), share(-0.35)), "{found:?}");
    assert_eq!(middle(between(0.0, 0.1), upper, true), None);
    assert_eq!(middle(lower, between(0.9, 1.0), true), None);
    assert!(middle(between(-0.1, 0.1), between(1.0, 1.1), false).is_some());
}

#[test]
fn a_published_difference_narrows_both_its_ends_and_what_hangs_on_them() {
    let told = |first, second, low, high| Told {
        terms: vec![(second, 1.0), (first, -1.0)],
        sum: between(low, high),
    };
    let follow = |figures: &mut [Interval], all: &[Told]| follow(figures, all, |_| None);
    let open = between(0.0, 1.0);
    let mut figures = [between(0.4, 0.5), open, open];
    follow(&mut figures, &[told(1, 2, -0.05, 0.0), told(0, 1, 0.1, 0.2)]);
    assert!(near(figures[0], 0.4, 0.5), "{figures:?}");
    assert!(near(figures[1], 0.5, 0.7), "{figures:?}");
    assert!(near(figures[2], 0.45, 0.7), "{figures:?}");
    let mut figures = [open, between(0.5, 0.6)];
    follow(&mut figures, &[told(0, 1, 0.1, 0.2)]);
    assert!(near(figures[0], 0.3, 0.5) && near(figures[1], 0.5, 0.6), "{figures:?}");
}

#[test]
fn the_answers_to_a_question_narrow_one_another_and_a_hidden_one_stays_open() {
    let shares = || Told { terms: vec![(0, 1.0), (1, 1.0), (2, 1.0)], sum: Interval::point(1.0) };
    let known = [between(0.2, 0.3), between(0.3, 0.4), between(0.1, 0.9)];
    let mut figures = known;
    follow(&mut figures, &[shares()], |_| None);
    assert!(near(figures[2], 0.3, 0.5) && near(figures[0], 0.2, 0.3), "{figures:?}");
    // Of a hidden one only its ends are known, and what it would have told stays as it was.
    let mut figures = known;
    follow(&mut figures, &[shares()], |at| (at == 2).then_some(between(0.0, 1.0)));
    assert_eq!(figures[2], known[2]);
    assert!(near(figures[0], 0.2, 0.3) && near(figures[1], 0.3, 0.4), "{figures:?}");
}

fn graded(scheme: &str, facts: &[Facts]) -> Vec<Grade> {
    let settings = settings(&format!("quality = \"{scheme}\""));
    facts.iter().map(|facts| grade(facts, &settings)).collect()
}

const GOOD: Grade = Grade::Reliable;
const FAIR: Grade = Grade::Caution;
const BAD: Grade = Grade::Unreliable;

#[test]
fn every_scheme_grades_a_figure_at_its_published_limits() {
    let of = |respondents| Facts { respondents, ..REST };
    assert_eq!(graded("minimum_base", &[of(29), of(30)]), [BAD, GOOD]);

    let effective = |effective| Facts { effective, ..REST };
    let few = [effective(Some(29.9)), effective(Some(30.0)), effective(None)];
    assert_eq!(graded("nchs", &few), [BAD, GOOD, BAD]);
    let wide =
        |value: f64, low: f64, high: f64| Facts { value, interval: Some((low, high)), ..REST };
    // From 30 points on; above 5 points also beyond 130 % of the figure.
    let shares = [wide(0.5, 0.375, 0.675), wide(0.5, 0.36, 0.659), wide(0.04, 0.02, 0.073)];
    assert_eq!(graded("nchs", &shares), [BAD, GOOD, BAD]);
    let shares = [wide(0.03, 0.02, 0.065), wide(0.05, 0.02, 0.084), wide(0.0, 0.0, 0.06)];
    assert_eq!(graded("nchs", &shares), [GOOD, GOOD, GOOD]);
    assert_eq!(graded("nchs", &[Facts { interval: None, ..REST }]), [BAD]);
    let mean = Facts { yes: None, ..wide(6.0, 5.8, 6.2) };
    assert_eq!(graded("nchs", &[mean]), [GOOD]);

    let error = |error| Facts { value: -0.5, standard_error: error, ..REST };
    let errors = [Some(0.08), Some(0.083), Some(0.166), Some(0.17), None].map(error);
    assert_eq!(graded("statcan", &errors), [GOOD, FAIR, FAIR, BAD, BAD]);

    let sample = |sample| Facts { respondents: 90, sample, ..REST };
    let samples = [Some(100), Some(101), Some(128), Some(129), None, Some(80)].map(sample);
    assert_eq!(graded("eurostat", &samples), [GOOD, FAIR, FAIR, BAD, GOOD, GOOD]);
}

#[test]
fn a_cell_is_judged_by_its_answers_then_by_its_secrets_then_by_its_quality() {
    let mut shown = settings("minimum_base_confidential = 10\nunreliable = \"flag\"");
    let judged = |facts: Facts, settings: &Disclosure| primary(&facts, settings, true);
    assert_eq!(judged(REST, &shown), Verdict::Published);
    assert_eq!(judged(Facts { respondents: 0, ..REST }, &shown), Verdict::NoAnswers);
    assert_eq!(judged(Facts { value: f64::NAN, ..REST }, &shown), Verdict::NoAnswers);
    assert_eq!(judged(Facts { respondents: 9, ..REST }, &shown), Verdict::Confidential);
    for (yes, verdict) in [
        (4, Verdict::Confidential),
        (5, Verdict::Published),
        (0, Verdict::Published),
        (95, Verdict::Published),
        (96, Verdict::Confidential),
        (100, Verdict::Published),
    ] {
        assert_eq!(judged(Facts { yes: Some(yes), ..REST }, &shown), verdict, "{yes}");
    }
    let few = Facts { respondents: 29, yes: None, ..REST };
    assert_eq!(judged(few, &shown), Verdict::Flagged(BAD));
    assert_eq!(primary(&Facts { respondents: 9, ..few }, &shown, false), Verdict::Flagged(BAD));
    shown.unreliable = config::monitor::Unreliable::Hide;
    assert_eq!(judged(few, &shown), Verdict::Unreliable);
    shown.quality = QualityScheme::Statcan;
    let fair = Facts { value: 0.5, standard_error: Some(0.1), ..REST };
    assert_eq!(judged(fair, &shown), Verdict::Flagged(FAIR));
}

#[test]
fn every_verdict_is_known_by_its_names_and_the_public_ones_do_not_tell_what_protects_others() {
    let all = [
        Verdict::Published,
        Verdict::Flagged(FAIR),
        Verdict::Flagged(BAD),
        Verdict::Confidential,
        Verdict::Secondary,
        Verdict::Unreliable,
        Verdict::Counted,
        Verdict::NoAnswers,
        Verdict::NotAsked,
    ];
    for verdict in all {
        let (status, reason) = verdict.names();
        assert_eq!(Verdict::named(status, reason), verdict);
        assert_eq!(verdict.is_shown(), status == "published");
        assert_eq!(verdict.is_withheld(), status == "withheld");
        let public = if verdict == Verdict::Secondary { Verdict::Confidential } else { verdict };
        assert_eq!(verdict.public_names(), public.names());
    }
}

pub fn exact(
    breakdown: &str,
    level: &str,
    (n, yes): (u64, Option<u64>),
    weight: f64,
    value: f64,
) -> Exact {
    Exact {
        place: Place {
            indicator: "video".to_owned(),
            panel: "gp".to_owned(),
            wave: 2024,
            breakdown: breakdown.to_owned(),
            level: level.to_owned(),
        },
        is_asked: true,
        facts: Facts { respondents: n, yes, value, ..REST },
        weight,
        comparability: format!("of {level}"),
        note: String::new(),
    }
}

#[test]
fn who_has_no_known_background_is_the_total_less_the_levels() {
    let cells = [
        exact(TOTAL, TOTAL, (100, Some(50)), 200.0, 0.5),
        exact("sex", "f", (60, Some(32)), 110.0, 0.5),
        exact("sex", "m", (30, Some(15)), 70.0, 0.5),
        exact("age", "old", (100, Some(50)), 200.0, 0.5),
    ];
    let found = unknown(&cells);
    assert_eq!(found.len(), 2);
    let [age, sex] = [&found[0], &found[1]];
    assert_eq!((sex.place.breakdown.as_str(), sex.place.level.as_str()), ("sex", UNKNOWN));
    assert_eq!((sex.facts.respondents, sex.facts.yes), (10, Some(3)));
    assert!((sex.weight - 20.0).abs() < 1e-12 && (sex.facts.value - 0.5).abs() < 1e-12);
    assert_eq!(sex.comparability, "of f");
    // Nobody is left: no weight and no value, not what subtracting leaves.
    assert_eq!((age.facts.respondents, age.weight), (0, 0.0));
    assert!(age.facts.value.is_nan());
    let mean =
        |breakdown, level, n, weight, value| exact(breakdown, level, (n, None), weight, value);
    let found = unknown(&[mean(TOTAL, TOTAL, 50, 100.0, 7.0), mean("sex", "f", 40, 75.0, 6.0)]);
    assert!((found[0].facts.value - 10.0).abs() < 1e-12, "{:?}", found[0].facts);
    assert_eq!(found[0].facts.yes, None);
    // A breakdown of which the total was not asked has no rest.
    let total = Exact { is_asked: false, ..mean(TOTAL, TOTAL, 50, 100.0, 7.0) };
    assert!(unknown(&[total, mean("sex", "f", 40, 75.0, 6.0)]).is_empty());
}

#[test]
fn the_same_cell_is_the_same_to_the_last_bit() {
    let cell = || exact("sex", "f", (60, Some(32)), 110.0, 0.5);
    assert!(cell().is_same(&cell()));
    let mut others: Vec<Exact> = (0..8).map(|_| cell()).collect();
    others[0].place.wave = 2025;
    others[1].is_asked = false;
    others[2].facts.respondents = 61;
    others[3].facts.yes = None;
    others[4].facts.sample = None;
    others[5].facts.value += f64::EPSILON;
    others[6].facts.interval = Some((0.35, 0.45 + f64::EPSILON));
    others[7].weight += 1e-13;
    for (at, other) in others.iter().enumerate() {
        assert!(!cell().is_same(other), "{at}");
    }
}
