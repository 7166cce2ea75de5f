//! Planted attacks: each protection switched off in turn, and releases that tell of each other; every one must be found.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

mod figures;
mod planted;
#[path = "../../../mart/tests/claims/tiny/mod.rs"]
#[allow(dead_code, reason = "the marts' claims use the rest of it")]
mod tiny;

use std::path::Path;

use audit::{Kind, Report, audit};
use config::monitor::Protection;
use planted::{Planted, column_of_its_own};

/// Few people: a level of five could be told from the others and the total.
const SMALL: &[(&str, u64, u64)] = &[("f", 20, 10), ("m", 18, 9), ("x", 5, 1)];
/// Many people: rounding alone hides a level of six.
const LARGE: &[(&str, u64, u64)] = &[("f", 400, 240), ("m", 380, 230), ("x", 6, 1)];

fn kinds(report: &Report) -> Vec<Kind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

fn attacked(planted: &Planted) -> Report {
    audit(&planted.publish(), &[]).unwrap()
}

/// Protected, nothing is found; without this protection these are.
fn check(planted: &Planted, without: Protection, expected: &[Kind]) {
    let report = attacked(planted);
    assert!(report.findings.is_empty(), "protected: {report}");
    assert!(report.groups > 0, "nothing was attacked");
    let bare = planted.without(without);
    let report = attacked(&bare);
    for kind in expected {
        assert!(kinds(&report).contains(kind), "without {without:?}, no {kind:?}: {report}");
    }
}

#[test]
fn a_confidential_cell_that_is_shown_is_found() {
    check(&Planted::by_sex(LARGE, 0), Protection::Primary, &[Kind::Shown]);
}

#[test]
fn a_level_that_follows_from_the_others_is_found() {
    check(&Planted::by_sex(SMALL, 0), Protection::Secondary, &[Kind::Answers]);
}

#[test]
fn figures_with_all_their_digits_are_found() {
    check(&Planted::by_sex(LARGE, 0), Protection::Rounding, &[Kind::NotRounded]);
}

#[test]
fn bases_that_are_not_rounded_tell_how_many_the_others_are() {
    check(&Planted::by_sex(LARGE, 12), Protection::Bases, &[Kind::Respondents]);
}

#[test]
fn those_whose_background_is_unknown_are_a_group_like_others() {
    let levels = &SMALL[..2];
    let planted = Planted::by_sex(levels, 5).exact();
    check(&planted, Protection::UnknownBackground, &[Kind::Respondents]);
}

#[test]
fn a_panel_that_follows_from_a_total_over_panels_is_found() {
    let panels = [("gp", 30, 15), ("nurse", 8, 2)];
    check(&Planted::panels(&panels), Protection::Groups, &[Kind::Answers]);
}

/// Three of the 100 said so; with exact figures it is what the others leave.
const FEW_SAID: &[(&str, u64)] = &[("yes", 50), ("no", 47), ("perhaps", 3)];

#[test]
fn an_answer_of_few_follows_from_the_other_answers_and_from_the_figures_that_count_them() {
    for counted in [1, 2] {
        let planted = Planted::question(FEW_SAID, counted).exact();
        check(&planted, Protection::Secondary, &[Kind::Answers]);
    }
}

#[test]
fn rounded_answers_of_many_leave_those_of_few_open() {
    let planted = Planted::question(&[("yes", 400), ("no", 390), ("perhaps", 3)], 1);
    let report = attacked(&planted);
    assert!(report.findings.is_empty() && report.groups > 0, "{report}");
    let bare = attacked(&planted.without(Protection::Primary));
    assert!(kinds(&bare).contains(&Kind::Shown), "{bare}");
}

#[test]
fn the_base_of_a_withheld_figure_does_not_follow_from_its_answers() {
    // The figure is withheld since few say no; its base is not told beside the answers.
    let planted = Planted::question(&[("yes", 90), ("sometimes", 90), ("no", 3)], 2);
    let report = attacked(&planted);
    assert!(report.findings.is_empty() && report.groups > 0, "{report}");
}

#[test]
fn two_releases_that_hide_different_levels_tell_the_third() {
    let first = Planted::by_sex(SMALL, 0).keeping("f");
    let old = first.publish();
    for (bare, expected) in [(false, true), (true, false)] {
        let mut second = Planted::by_sex(SMALL, 0).keeping("m");
        if bare {
            second = second.without(Protection::EarlierReleases);
        } else {
            second.tiny.before.read(&old, &[]).unwrap();
        }
        let report = audit(&second.publish(), &[old.as_path()]).unwrap();
        assert_eq!(report.findings.is_empty(), expected, "{report}");
    }
}

#[test]
fn one_respondent_who_came_late_or_went_does_not_follow_from_rounded_figures_and_does_from_exact_ones()
 {
    let with = &[("f", 400, 240), ("m", 380, 230), ("x", 20, 8)];
    let more = &[("f", 400, 240), ("m", 381, 231), ("x", 20, 8)];
    for [old, new] in [[with, more], [more, with]] {
        let [first, second] = [old, new].map(|levels| Planted::by_sex(levels, 0));
        let report = audit(&second.publish(), &[first.publish().as_path()]).unwrap();
        assert!(report.findings.is_empty(), "{report}");
        let [first, second] = [old, new].map(|levels| Planted::by_sex(levels, 0).exact());
        let report = audit(&second.publish(), &[first.publish().as_path()]).unwrap();
        assert!(kinds(&report).contains(&Kind::Respondents), "{report}");
        assert!(report.findings.iter().all(|finding| finding.against.is_some()), "{report}");
    }
}

#[test]
fn a_mart_that_shows_an_unprotected_column_by_another_name_is_found() {
    let planted = Planted::by_sex(LARGE, 0);
    let release = planted.publish();
    column_of_its_own(&release, "amounts", "amount", "n_yes");
    let report = audit(&release, &[]).unwrap();
    assert_eq!(kinds(&report), [Kind::UnprotectedColumn], "{report}");
    assert!(report.findings[0].place.contains("amounts"), "{report}");
}

#[test]
fn a_release_that_is_not_one_is_an_error_with_its_path() {
    let error = audit(Path::new("nowhere"), &[]).unwrap_err();
    assert!(
        error.to_string().contains("nowhere") && error.hint().contains("whole release"),
        "{error}"
    );
}

#[test]
fn odd_blocks_have_a_defined_result_and_tell_nothing() {
    let by_sex: [&[(&'static str, u64, u64)]; 6] = [
        &[("f", 40, 20)],
        &[("f", 6, 2)],
        &[("f", 40, 0), ("m", 40, 40)],
        &[("f", 400, 0), ("m", 380, 0), ("x", 4, 0)],
        &[("f", 40, 20), ("m", 30, 15), ("x", 0, 0)],
        &[("f", 3, 1), ("m", 4, 2), ("x", 2, 2)],
    ];
    for levels in by_sex {
        for unknown in [0, 1, 7] {
            let report = attacked(&Planted::by_sex(levels, unknown));
            assert!(report.findings.is_empty(), "{levels:?} {unknown}: {report}");
        }
    }
    for panels in [&[("gp", 30, 15)][..], &[("gp", 6, 3)], &[("gp", 40, 0), ("nurse", 30, 30)]] {
        let report = attacked(&Planted::panels(panels));
        assert!(report.findings.is_empty(), "{panels:?}: {report}");
    }
}

#[test]
fn with_all_protection_off_the_release_says_so_and_the_attacks_succeed() {
    let mut planted = Planted::by_sex(SMALL, 3);
    for protection in Protection::ALL {
        planted = planted.without(protection);
    }
    let release = planted.publish();
    let manifest = std::fs::read_to_string(release.join("manifest.json")).unwrap();
    assert!(manifest.contains("Not for publication: protection switched off"), "{manifest}");
    let report = audit(&release, &[]).unwrap();
    assert!(kinds(&report).contains(&Kind::Shown), "{report}");
}
