//! What a block is made from, by itself.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

use super::super::before::Known;
use super::super::claims::{exact, settings};
use super::*;

/// Two panels, both of them pooled and their mean, by sex.
fn cells() -> Vec<Exact> {
    let panel = |panel: &str, breakdown: &str, level: &str| {
        let mut cell = exact(breakdown, level, (60, Some(30)), 60.0, 0.5);
        panel.clone_into(&mut cell.place.panel);
        cell
    };
    ["gp", "nurse", "care_pooled", "care_mean_of_groups"]
        .into_iter()
        .flat_map(|name| {
            [(TOTAL, TOTAL), ("sex", "f"), ("sex", "m")].map(|(by, level)| panel(name, by, level))
        })
        .collect()
}

/// Looks at the cells as they are looked at in a release.
fn around<T>(cells: &[Exact], look: impl FnOnce(&Around<'_>) -> T) -> T {
    let group = toml::from_str("panels = [\"gp\", \"nurse\"]").unwrap();
    let (settings, groups) = (settings(""), BTreeMap::from([("care".to_owned(), group)]));
    let rules = Rules {
        settings: &settings,
        groups: &groups,
        indicators: BTreeMap::new(),
        bands: &[],
        questions: Questions::default(),
        known: Known::default(),
    };
    let told: Vec<Interval> = cells.iter().map(|cell| Interval::point(cell.facts.value)).collect();
    let places = cells.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect();
    look(&Around {
        cells,
        told: &told,
        places: &places,
        differences_of: BTreeMap::new(),
        rules: &rules,
    })
}

#[test]
fn the_levels_add_up_in_a_panel_and_in_the_pooled_total_and_only_their_bases_in_a_mean() {
    let cells = cells();
    let found: BTreeMap<&str, Kind> = around(&cells, |around| {
        let frames = waves(&cells, &around.rules.questions);
        let frame = &frames[0][1];
        assert_eq!((frame.breakdown, frame.members.len()), ("sex", cells.len()));
        let block = around.block(frame, &frame.members, &vec![Verdict::Published; cells.len()]);
        let of_panel = |equation: &Equation| {
            let place = &cells[frame.members[equation.whole]].place;
            let is_level = |part: &usize| cells[frame.members[*part]].place.breakdown != TOTAL;
            (place.breakdown == TOTAL && equation.parts.iter().all(is_level))
                .then_some((place.panel.as_str(), equation.kind))
        };
        block.equations.iter().filter_map(of_panel).collect()
    });
    let expected = [
        ("care_mean_of_groups", Kind::Bases),
        ("care_pooled", Kind::Sum),
        ("gp", Kind::Sum),
        ("nurse", Kind::Sum),
    ];
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn the_totals_of_cells_are_those_of_their_panels_that_are_shown() {
    let cells = cells();
    let mut verdicts = vec![Verdict::Published; cells.len()];
    around(&cells, |around| {
        assert_eq!(around.shown_totals(&[4, 8], &verdicts), [3, 6]);
        verdicts[3] = Verdict::Confidential;
        assert_eq!(around.shown_totals(&[4, 8], &verdicts), [6]);
        assert!(around.shown_totals(&[4, 5], &verdicts).is_empty());
    });
}
