//! What the program hides, against trying every choice.

use super::super::block::{Cell, Difference, Equation, Kind};
use super::super::room::room;
use super::*;

const THRESHOLDS: Thresholds = Thresholds { base: 10, cell: 3 };
const SHARE: Interval = Interval { low: 0.0, high: 1.0 };

/// How the figures of a block are published.
#[derive(Clone, Copy)]
struct Shown {
    multiple: u64,
    step: f64,
}

const EXACT: Shown = Shown { multiple: 1, step: 0.0 };
const ROUNDED: Shown = Shown { multiple: 5, step: 0.01 };

fn cell(respondents: u64, yes: u64, shown: Shown) -> Cell {
    let value = yes as f64 / respondents as f64;
    let half = shown.step / 2.0 + 1e-9;
    let published =
        if shown.step > 0.0 { (value / shown.step).round() * shown.step } else { value };
    let multiple = shown.multiple;
    let base = (respondents + multiple / 2) / multiple * multiple;
    let confidential = THRESHOLDS.is_confidential(respondents, Some(yes));
    Cell {
        name: format!("{respondents} people"),
        respondents,
        yes: Some(yes),
        weight: respondents as f64,
        value: Some(value),
        base: Interval {
            low: base.saturating_sub(multiple / 2) as f64,
            high: (base + multiple - multiple / 2 - 1) as f64,
        },
        figure: Interval { low: published - half, high: published + half },
        base_shown: !confidential,
        figure_shown: !confidential,
        base_known: None,
        figure_known: None,
        cost: (!confidential).then_some(1.0 + respondents as f64 / 1e4),
        confidential,
    }
}

/// A panel's total and the levels of a breakdown; the total is not hidden.
fn breakdown(levels: &[(u64, u64)], shown: Shown) -> Block {
    let sum = |of: fn(&(u64, u64)) -> u64| levels.iter().map(of).sum();
    let mut total = cell(sum(|level| level.0), sum(|level| level.1), shown);
    total.cost = None;
    let mut cells: Vec<Cell> = levels.iter().map(|&(n, yes)| cell(n, yes, shown)).collect();
    cells.push(total);
    let parts = (0..levels.len()).collect();
    Block {
        name: "a breakdown".to_owned(),
        equations: vec![Equation {
            kind: Kind::Sum,
            whole: levels.len(),
            parts,
            slack: Interval::point(0.0),
        }],
        differences: Vec::new(),
        scale: Some(SHARE),
        cells,
    }
}

fn is_safe(block: &Block, hidden: &[bool]) -> bool {
    let found_out =
        |target: &Target| room(block, hidden, target).fault(block.respondents(target), block.scale);
    block.targets(THRESHOLDS).iter().all(|target| found_out(target).is_none())
}

fn cost(block: &Block, hidden: &[bool]) -> f64 {
    let costs = block.cells.iter().zip(hidden).filter(|(_, hidden)| **hidden);
    costs.filter_map(|(cell, _)| cell.cost).sum()
}

/// The least that any choice costs; none where no choice is safe.
fn cheapest_of_all(block: &Block) -> Option<f64> {
    let free: Vec<usize> =
        (0..block.cells.len()).filter(|&cell| block.cells[cell].cost.is_some()).collect();
    let choice = |mask: u32| -> Vec<bool> {
        let chosen =
            |cell| free.iter().position(|&at| at == cell).is_some_and(|at| mask >> at & 1 == 1);
        (0..block.cells.len()).map(chosen).collect()
    };
    let safe = (0..1_u32 << free.len()).map(choice).filter(|choice| is_safe(block, choice));
    safe.map(|choice| cost(block, &choice)).min_by(f64::total_cmp)
}

#[test]
fn a_level_that_follows_from_the_total_hides_the_cheapest_other_one() {
    let block = breakdown(&[(100, 40), (80, 30), (4, 1)], EXACT);
    assert!(!is_safe(&block, &[false; 4]));
    assert_eq!(hide(&block, THRESHOLDS), Ok(vec![false, true, false, false]));
}

#[test]
fn rounded_figures_of_a_large_group_hide_nothing_more() {
    let block = breakdown(&[(400, 240), (380, 230), (6, 1), (12, 5)], ROUNDED);
    assert_eq!(hide(&block, THRESHOLDS), Ok(vec![false; 5]));
}

#[test]
fn rounded_figures_of_a_small_group_hide_another_level() {
    let block = breakdown(&[(20, 10), (18, 9), (5, 1)], ROUNDED);
    let hidden = hide(&block, THRESHOLDS).expect("it can be protected");
    assert!(is_safe(&block, &hidden), "{hidden:?}");
    assert_eq!(hidden.iter().filter(|hidden| **hidden).count(), 1, "{hidden:?}");
}

#[test]
fn a_level_that_is_to_be_kept_stays() {
    let mut block = breakdown(&[(80, 40), (80, 30), (4, 1)], EXACT);
    block.cells[0].cost = Some(1.05);
    block.cells[1].cost = Some(1.0);
    assert_eq!(hide(&block, THRESHOLDS), Ok(vec![false, true, false, false]));
    block.cells[1].cost = Some(1.1);
    assert_eq!(hide(&block, THRESHOLDS), Ok(vec![true, false, false, false]));
}

#[test]
fn a_union_below_the_thresholds_is_protected_as_a_cell_is() {
    // Either of the two is free, but together they are three people who follow from the total.
    let block = breakdown(&[(100, 40), (80, 30), (2, 1), (1, 0)], EXACT);
    let targets = block.targets(THRESHOLDS);
    assert!(targets.contains(&Target(vec![2, 3])), "{targets:?}");
    let hidden = hide(&block, THRESHOLDS).expect("it can be protected");
    assert!(is_safe(&block, &hidden) && hidden.contains(&true), "{hidden:?}");
}

/// Two hidden panels of three, with the pooled total and the mean of the panels: two equations for two unknowns.
fn panels(pooled_and_mean: [bool; 2]) -> Block {
    let mut cells: Vec<Cell> =
        [(200, 100), (60, 59), (50, 48)].map(|(n, yes)| cell(n, yes, EXACT)).into();
    let [pooled, mean] = [cell(310, 207, EXACT), cell(310, 207, EXACT)];
    let value = cells.iter().filter_map(|cell| cell.value).sum::<f64>() / 3.0;
    let figure = Interval { low: value, high: value };
    cells.push(pooled);
    cells.push(Cell { value: Some(value), figure, ..mean });
    let kinds = [Kind::Sum, Kind::Mean];
    let equation = |(at, kind): (usize, Kind)| Equation {
        kind,
        whole: 3 + at,
        parts: vec![0, 1, 2],
        slack: Interval::point(0.0),
    };
    let chosen = kinds.into_iter().enumerate().filter(|(at, _)| pooled_and_mean[*at]);
    Block {
        name: "panels".to_owned(),
        cells,
        equations: chosen.map(equation).collect(),
        differences: Vec::new(),
        scale: Some(SHARE),
    }
}

#[test]
fn pooled_and_mean_of_groups_together_give_two_hidden_panels_away_and_either_alone_does_not() {
    assert!(!is_safe(&panels([true, true]), &[false; 5]));
    let hidden = hide(&panels([true, true]), THRESHOLDS).expect("it can be protected");
    assert!(is_safe(&panels([true, true]), &hidden), "{hidden:?}");
    for one in [[true, false], [false, true]] {
        let values = Target(vec![1]);
        let room = room(&panels(one), &[false; 5], &values);
        assert!(room.value.high - room.value.low > 0.05, "{room:?}");
    }
}

#[test]
fn a_published_difference_to_a_shown_level_counts_as_long_as_that_level_is_shown() {
    let mut block = breakdown(&[(60, 30), (40, 20), (9, 4)], ROUNDED);
    // The hidden level is shown by its difference from the first, which may not be.
    block.cells[2].figure_shown = true;
    let told = Interval { low: -0.060, high: -0.050 };
    block.differences.push(Difference { first: 0, second: 2, told });
    let narrow = room(&block, &[false; 4], &Target(vec![2])).value;
    let wide = room(&block, &[true, false, false, false], &Target(vec![2])).value;
    assert!(narrow.high - narrow.low <= wide.high - wide.low + 1e-9);
}

#[test]
fn what_cannot_be_protected_is_named() {
    // One level and nobody else: its total tells it, and a total is not hidden.
    let mut block = breakdown(&[(8, 2)], EXACT);
    block.cells[1].confidential = false;
    block.cells[1].figure_shown = true;
    block.cells[1].base_shown = true;
    let what = "a breakdown: 8 people: how many they are".to_owned();
    assert_eq!(hide(&block, THRESHOLDS), Err(Unprotected { what, cells: vec![0] }));
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn the_program_hides_as_little_as_the_best_of_all_choices() {
    let mut numbers = Numbers(7);
    let (mut hiding, mut open) = (0, 0);
    for round in 0..60 {
        let levels: Vec<(u64, u64)> = (0..3 + numbers.below(3))
            .map(|level| {
                let few = level == 0 || numbers.below(4) == 0;
                let n = if few { 1 + numbers.below(9) } else { 12 + numbers.below(70) };
                (n, if n < 10 { numbers.below(n + 1) } else { 3 + numbers.below(n - 5) })
            })
            .collect();
        let shown = if round % 2 == 0 { EXACT } else { ROUNDED };
        let block = breakdown(&levels, shown);
        match (hide(&block, THRESHOLDS), cheapest_of_all(&block)) {
            (Ok(hidden), Some(least)) => {
                assert!(is_safe(&block, &hidden), "{levels:?}: {hidden:?}");
                assert!(
                    cost(&block, &hidden) <= least + 1e-6,
                    "{levels:?}: {hidden:?} and {least}"
                );
                hiding += usize::from(least > 0.0);
                open += usize::from(least == 0.0);
            }
            (Err(_), None) => {}
            (found, least) => panic!("{levels:?}: {found:?} and {least:?}"),
        }
    }
    assert!(hiding >= 20 && open >= 5, "{hiding} and {open}");
}

#[test]
fn what_answers_need_is_three_whole_numbers_and_no_more_than_the_scale_has() {
    let open = Interval { low: 0.0, high: 100.0 };
    let room = |high: f64| Room { respondents: open, value: Interval { low: 0.0, high } };
    // A width of 1.5 answers needs 2 to hold three whole numbers for certain, one of 2.5 needs 3.
    assert_eq!(answers_needed(&room(0.3), 5.0, 1.0), 2.0);
    assert_eq!(answers_needed(&room(0.5), 5.0, 1.0), 3.0);
    // Of one person there are two answers; of a mean without ends as many as there may be.
    assert_eq!(answers_needed(&room(0.5), 1.0, 1.0), 1.0);
    assert_eq!(answers_needed(&room(0.5), 5.0, 0.0), 3.0);
}

#[test]
fn two_people_have_three_sums_of_answers_and_all_must_be_open() {
    let scale = Some(Interval { low: 0.0, high: 1.0 });
    let respondents = Interval { low: 0.0, high: 100.0 };
    let room = |high: f64| Room { respondents, value: Interval { low: 0.0, high } };
    // None or one of the two says yes: two sums.
    assert_eq!(room(0.5).fault(2, scale), Some(Fault::Answers));
    assert_eq!(room(1.0).fault(2, scale), None);
}

#[test]
fn room_is_known_of_choices_that_hide_all_of_an_earlier_one_and_of_no_others() {
    let known = Roomy(vec![vec![true, false, false], vec![false, true, true]]);
    for (hidden, is_known) in [
        ([true, false, false], true),
        ([true, true, false], true),
        ([true, true, true], true),
        ([false, true, true], true),
        ([false, true, false], false),
        ([false, false, true], false),
        ([false; 3], false),
    ] {
        assert_eq!(known.is_known(&hidden), is_known, "{hidden:?}");
    }
    assert!(!Roomy::default().is_known(&[true; 3]));
}
