//! Tables of panels by levels that look random: what is hidden in them against every other choice, and what is seen without a
//! program against what the program says.

use super::super::block::{Block, Cell, Difference, Equation, Interval, Kind, Target, Thresholds};
use super::super::program::hide;
use super::super::room::{Room, Side, room, room_in_doubt};
use super::super::rounding::{Rounding, base_told};
use super::super::shift::{Shifts, has_room};

pub const THRESHOLDS: Thresholds = Thresholds { base: 10, cell: 3 };

/// Numbers that look random and are the same each time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// How figures are published: multiple of bases and step of figures.
pub type Shown = (u64, f64);

pub const EXACT: Shown = (1, 0.0);
pub const ROUNDED: Shown = (5, 0.01);

fn cell(name: String, (n, yes): (u64, u64), (multiple, step): Shown, is_total: bool) -> Cell {
    let value = yes as f64 / n as f64;
    let rounding = Rounding { unit: 1.0, step: Some(step).filter(|step| *step > 0.0) };
    let confidential = !is_total && THRESHOLDS.is_confidential(n, Some(yes));
    Cell {
        name,
        respondents: n,
        yes: Some(yes),
        weight: n as f64,
        value: Some(value),
        base: base_told(n, multiple),
        figure: rounding.told(value),
        base_shown: !confidential,
        figure_shown: !confidential,
        base_known: None,
        figure_known: None,
        cost: (!confidential && !is_total).then_some(1.0 + n as f64 / 1e4),
        confidential,
    }
}

/// Two panels and both of them pooled, by some levels and their total; row by row, the total of a row last.
pub fn table(numbers: &mut Numbers, levels: usize, shown: Shown) -> Block {
    let mut counts = vec![Vec::new(); 2];
    for row in &mut counts {
        for _ in 0..levels {
            let few = numbers.below(3) == 0;
            let n = if few { 1 + numbers.below(9) } else { 14 + numbers.below(60) };
            let yes = if few { numbers.below(n + 1) } else { 4 + numbers.below(n - 7) };
            row.push((n, yes));
        }
    }
    let both = counts[0].iter().zip(&counts[1]).map(|(a, b)| (a.0 + b.0, a.1 + b.1)).collect();
    counts.push(both);
    let mut cells = Vec::new();
    for (panel, row) in counts.iter().enumerate() {
        let total = (row.iter().map(|cell| cell.0).sum(), row.iter().map(|cell| cell.1).sum());
        for (level, &count) in row.iter().chain([&total]).enumerate() {
            cells.push(cell(format!("{panel} {level}"), count, shown, level == levels));
        }
    }
    let at = |panel: usize, level: usize| panel * (levels + 1) + level;
    let sum = |whole: usize, parts: Vec<usize>| Equation {
        kind: Kind::Sum,
        whole,
        parts,
        slack: Interval::point(0.0),
    };
    let rows = (0..3)
        .map(|panel| sum(at(panel, levels), (0..levels).map(|level| at(panel, level)).collect()));
    let columns = (0..=levels).map(|level| sum(at(2, level), vec![at(0, level), at(1, level)]));
    Block {
        name: "a table".to_owned(),
        equations: rows.chain(columns).collect(),
        differences: Vec::new(),
        scale: Some(Interval { low: 0.0, high: 1.0 }),
        cells,
    }
}

/// The same figures as means of scores without ends.
pub fn as_means(mut block: Block) -> Block {
    block.scale = None;
    block.cells.iter_mut().for_each(|cell| cell.yes = None);
    block
}

/// Differences between neighbours of a row, as they are published.
pub fn with_differences(mut block: Block, levels: usize, (_, step): Shown) -> Block {
    let rounding = Rounding { unit: 1.0, step: Some(step).filter(|step| *step > 0.0) };
    for panel in 0..3 {
        for first in (0..levels - 1).map(|level| panel * (levels + 1) + level) {
            let value = |at: usize| block.cells[at].value.unwrap_or_default();
            let told = rounding.told(value(first + 1) - value(first));
            block.differences.push(Difference { first, second: first + 1, told });
        }
    }
    block
}

fn is_open(block: &Block, hidden: &[bool], target: &Target) -> bool {
    room(block, hidden, target).fault(block.respondents(target), block.scale).is_none()
}

fn is_safe(block: &Block, hidden: &[bool]) -> bool {
    block.targets(THRESHOLDS).iter().all(|target| is_open(block, hidden, target))
}

fn cost(block: &Block, hidden: &[bool]) -> f64 {
    let costs = block.cells.iter().zip(hidden).filter(|(_, hidden)| **hidden);
    costs.filter_map(|(cell, _)| cell.cost).sum()
}

/// All choices of cells to hide, the cheapest first.
fn choices(block: &Block) -> Vec<Vec<bool>> {
    let free: Vec<usize> =
        (0..block.cells.len()).filter(|&cell| block.cells[cell].cost.is_some()).collect();
    let mut all: Vec<Vec<bool>> = (0..1_u32 << free.len())
        .map(|mask| {
            let mut hidden = vec![false; block.cells.len()];
            for (place, &cell) in free.iter().enumerate() {
                hidden[cell] = mask >> place & 1 == 1;
            }
            hidden
        })
        .collect();
    all.sort_by(|one, other| cost(block, one).total_cmp(&cost(block, other)));
    all
}

#[test]
fn in_a_table_of_panels_by_levels_no_cheaper_choice_protects_the_few() {
    let mut numbers = Numbers(11);
    let mut hiding = 0;
    for round in 0..24 {
        let shown = if round % 3 == 0 { EXACT } else { ROUNDED };
        let mut block = table(&mut numbers, 2, shown);
        if round % 2 == 0 {
            block = with_differences(block, 2, shown);
        }
        let least = choices(&block).into_iter().find(|choice| is_safe(&block, choice));
        match (hide(&block, THRESHOLDS), least) {
            (Ok(hidden), Some(least)) => {
                assert!(is_safe(&block, &hidden), "{round}: {hidden:?}");
                let (found, least) = (cost(&block, &hidden), cost(&block, &least));
                assert!(found <= least + 1e-6, "{round}: {found} and {least}");
                hiding += usize::from(least > 0.0);
            }
            (Err(_), None) => {}
            (found, least) => panic!("{round}: {found:?} and {least:?}"),
        }
    }
    assert!(hiding >= 8, "{hiding}");
}

#[test]
fn what_moves_find_open_the_program_finds_open_and_moves_find_most_of_it() {
    let mut numbers = Numbers(5);
    let (mut open, mut found) = (0, 0);
    for round in 0..300 {
        let shown = if round % 2 == 0 { EXACT } else { ROUNDED };
        let levels = 2 + round % 3;
        let mut block = table(&mut numbers, levels, shown);
        if round % 4 < 2 {
            block = with_differences(block, levels, shown);
        }
        if round.is_multiple_of(3) {
            let slack = Interval { low: -0.01, high: 0.02 };
            block.equations.iter_mut().for_each(|equation| equation.slack = slack);
        }
        let hidden: Vec<bool> =
            block.cells.iter().map(|cell| cell.cost.is_some() && numbers.below(5) < 2).collect();
        let shifts =
            [Side::Respondents, Side::Values].map(|side| Shifts::new(&block, side, &hidden));
        for target in block.targets(THRESHOLDS) {
            let has_room = has_room(&block, &shifts, &target);
            let (moved, program) = (has_room == [true, true], is_open(&block, &hidden, &target));
            assert!(program || !moved, "{round}: {target:?} of {hidden:?}");
            let fault = |room: Room| room.fault(block.respondents(&target), block.scale);
            assert_eq!(
                fault(room_in_doubt(&block, &hidden, &target, has_room)),
                fault(room(&block, &hidden, &target)),
                "{round}: {target:?} of {hidden:?}"
            );
            open += usize::from(program);
            found += usize::from(moved);
        }
    }
    assert!(open > 200 && found * 10 >= open * 9, "{found} of {open}");
}

#[test]
fn who_hides_more_leaves_a_group_no_less_room() {
    let mut numbers = Numbers(17);
    let mut open = 0;
    for round in 0..150 {
        let shown = if round % 2 == 0 { EXACT } else { ROUNDED };
        let levels = 2 + round % 3;
        let block = with_differences(table(&mut numbers, levels, shown), levels, shown);
        let mut choose = |less: &[bool]| -> Vec<bool> {
            let cells = block.cells.iter().zip(less);
            cells
                .map(|(cell, less)| *less || (cell.cost.is_some() && numbers.below(4) == 0))
                .collect()
        };
        let less = choose(&vec![false; block.cells.len()]);
        let more = choose(&less);
        for target in block.targets(THRESHOLDS) {
            let (narrow, wide) = (room(&block, &less, &target), room(&block, &more, &target));
            for (narrow, wide) in
                [(narrow.respondents, wide.respondents), (narrow.value, wide.value)]
            {
                assert!(
                    wide.low <= narrow.low + 1e-6 && narrow.high <= wide.high + 1e-6,
                    "{round}: {narrow:?} {wide:?}"
                );
            }
            open += usize::from(less != more && is_open(&block, &less, &target));
        }
    }
    assert!(open > 50, "{open}");
}

#[test]
fn the_room_of_a_hidden_level_ends_where_the_others_end() {
    // 4 and 80 people are hidden beside 100, of 184 in all; 1, 30 and 40 of them say yes.
    let counts = [(4, 1), (80, 30), (100, 40), (184, 71)];
    let cells: Vec<Cell> = counts
        .iter()
        .enumerate()
        .map(|(at, &count)| cell(at.to_string(), count, EXACT, at == 3))
        .collect();
    let equation =
        Equation { kind: Kind::Sum, whole: 3, parts: vec![0, 1, 2], slack: Interval::point(0.0) };
    let block = Block {
        name: String::new(),
        cells,
        equations: vec![equation],
        differences: Vec::new(),
        scale: Some(Interval { low: 0.0, high: 1.0 }),
    };
    let near = |found: Interval, low: f64, high: f64| {
        (found.low - low).abs() < 1e-6 && (found.high - high).abs() < 1e-6
    };
    let hidden = [false, true, false, false];
    let few = room(&block, &hidden, &Target(vec![0]));
    assert!(near(few.respondents, 0.0, 84.0) && near(few.value, 0.0, 1.0), "{few:?}");
    let many = room(&block, &hidden, &Target(vec![1]));
    // All of the 4, or none, say yes.
    assert!(near(many.respondents, 0.0, 84.0), "{many:?}");
    assert!(near(many.value, 27.0 / 80.0, 31.0 / 80.0), "{many:?}");
    let both = room(&block, &hidden, &Target(vec![0, 1]));
    assert!(near(both.respondents, 84.0, 84.0), "{both:?}");
    assert!(near(both.value, 31.0 / 84.0, 31.0 / 84.0), "{both:?}");
}

/// One question of one panel: shares of its answers with their whole, and an indicator that counts the first two.
fn question(counts: &[u64], shown: Shown) -> Block {
    let n: u64 = counts.iter().sum();
    let share = |(at, &count): (usize, &u64)| {
        let mut share = cell(format!("answer {at}"), (n, count), shown, false);
        share.base_shown = false;
        share
    };
    let mut cells: Vec<Cell> = counts.iter().enumerate().map(share).collect();
    cells.push(cell("indicator".to_owned(), (n, counts[0] + counts[1]), shown, false));
    cells.push(Cell::whole());
    let equation =
        |whole, parts| Equation { kind: Kind::Answers, whole, parts, slack: Interval::point(0.0) };
    let answers = counts.len();
    Block {
        name: "a question".to_owned(),
        cells,
        equations: vec![
            equation(answers + 1, (0..answers).collect()),
            equation(answers, vec![0, 1]),
        ],
        differences: Vec::new(),
        scale: Some(Interval { low: 0.0, high: 1.0 }),
    }
}

#[test]
fn an_answer_of_few_follows_from_the_others_unless_one_of_them_is_hidden_too() {
    // Exact digits: 2 of 100 are what the others leave, so that another answer goes, and not the indicator.
    let block = question(&[40, 30, 28, 2], EXACT);
    let hidden = hide(&block, THRESHOLDS).unwrap();
    assert!(is_safe(&block, &hidden));
    assert_eq!(hidden.iter().filter(|hidden| **hidden).count(), 1, "{hidden:?}");
    assert!(!hidden[4] && !hidden[5], "{hidden:?}");
    // Of an indicator that counts it, the other answer counted or the indicator itself must go.
    let block = question(&[40, 2, 30, 28], EXACT);
    let hidden = hide(&block, THRESHOLDS).unwrap();
    assert!(is_safe(&block, &hidden) && !is_safe(&block, &[false; 6]), "{hidden:?}");
    // Rounded to percents, five figures of 400 people leave enough open.
    let block = question(&[160, 120, 118, 2], ROUNDED);
    assert_eq!(hide(&block, THRESHOLDS).unwrap(), [false; 6]);
}

#[test]
fn of_a_question_to_a_few_everything_is_hidden_and_that_suffices() {
    for counts in [[4, 2, 1], [7, 0, 0], [3, 3, 3]] {
        let block = question(&counts, ROUNDED);
        assert!(block.cells[..4].iter().all(|cell| cell.confidential));
        assert_eq!(hide(&block, THRESHOLDS).unwrap(), [false; 5], "{counts:?}");
    }
}

#[test]
fn two_answers_of_few_together_are_a_group_of_the_same_people() {
    let block = question(&[50, 47, 1, 2], EXACT);
    let targets = block.targets(Thresholds { base: 10, cell: 5 });
    assert!(targets.contains(&Target(vec![2, 3])), "{targets:?}");
    // The three of both are few, though those asked are many.
    assert!(!block.targets(Thresholds { base: 10, cell: 3 }).contains(&Target(vec![2, 3])));
}

#[test]
fn whatever_the_answers_what_is_hidden_of_them_protects_the_few_as_cheaply_as_can_be() {
    let mut numbers = Numbers(23);
    let mut hiding = 0;
    for round in 0..40 {
        let counts: Vec<u64> = (0..4)
            .map(|_| if numbers.below(3) == 0 { numbers.below(3) } else { 5 + numbers.below(60) })
            .collect();
        let shown = if round % 3 == 0 { ROUNDED } else { EXACT };
        if counts.iter().sum::<u64>() < 20 {
            continue;
        }
        let block = question(&counts, shown);
        let least = choices(&block).into_iter().find(|choice| is_safe(&block, choice));
        match (hide(&block, THRESHOLDS), least) {
            (Ok(hidden), Some(least)) => {
                assert!(is_safe(&block, &hidden), "{counts:?}: {hidden:?}");
                let (found, least) = (cost(&block, &hidden), cost(&block, &least));
                assert!(found <= least + 1e-6, "{counts:?}: {found} and {least}");
                hiding += usize::from(least > 0.0);
            }
            (Err(_), None) => {}
            (found, least) => panic!("{counts:?}: {found:?} and {least:?}"),
        }
    }
    assert!(hiding >= 8, "{hiding}");
}

#[test]
fn of_many_hidden_levels_every_pair_is_looked_at_once_and_all_together() {
    let few = |at: usize| cell(at.to_string(), (1, 0), EXACT, false);
    let mut cells: Vec<Cell> = (0..8).map(few).collect();
    cells.push(cell("total".to_owned(), (8, 0), EXACT, true));
    let equation = Equation {
        kind: Kind::Sum,
        whole: 8,
        parts: (0..8).collect(),
        slack: Interval::point(0.0),
    };
    let block = Block { cells, equations: vec![equation], ..Block::default() };
    let targets = block.targets(THRESHOLDS);
    // Each by itself, 28 pairs, all eight.
    assert_eq!(targets.len(), 8 + 28 + 1);
    let differ = |target: &Target| target.0.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(targets.iter().all(differ), "{targets:?}");
}

#[test]
fn of_three_hidden_levels_every_union_is_looked_at() {
    let few = |at: usize| cell(at.to_string(), (1, 0), EXACT, false);
    let mut cells: Vec<Cell> = (0..3).map(few).collect();
    cells.push(cell("total".to_owned(), (3, 0), EXACT, true));
    let (kind, slack) = (Kind::Sum, Interval::point(0.0));
    let equation = Equation { kind, whole: 3, parts: vec![0, 1, 2], slack };
    let block = Block { cells, equations: vec![equation], ..Block::default() };
    let expected = [vec![0], vec![0, 1], vec![0, 1, 2], vec![0, 2], vec![1], vec![1, 2], vec![2]];
    assert_eq!(block.targets(THRESHOLDS), expected.map(Target));
}
