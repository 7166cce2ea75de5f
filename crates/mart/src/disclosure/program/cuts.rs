//! What a cut says of every choice of hidden cells, held against the program that looks at that choice alone.

use super::super::claims::tables::{
    EXACT, Numbers, ROUNDED, THRESHOLDS, as_means, table, with_differences,
};
use super::*;

/// How near the solver's answers are; what is counted is people, and shares of them.
const NEAR: f64 = 1e-4;

fn choice(block: &Block, numbers: &mut Numbers) -> Vec<bool> {
    block.cells.iter().map(|cell| cell.cost.is_some() && numbers.below(3) == 0).collect()
}

fn sum(gain: &[f64], choice: &[bool]) -> f64 {
    gain.iter().zip(choice).filter(|(_, hidden)| **hidden).map(|(gain, _)| gain).sum()
}

/// Tables of two panels and both of them, some with published differences and some of means.
fn blocks(numbers: &mut Numbers) -> Vec<Block> {
    let block = |round: usize| {
        let (levels, shown) =
            (2 + round % 2, if round.is_multiple_of(3) { EXACT } else { ROUNDED });
        let block = table(numbers, levels, shown);
        let block = if round % 4 < 2 { with_differences(block, levels, shown) } else { block };
        let mut block = if round % 5 == 4 { as_means(block) } else { block };
        if round.is_multiple_of(2) {
            // Who has no known background is known rounded only.
            let slack = Interval { low: -0.01, high: 0.02 };
            block.equations.iter_mut().for_each(|equation| equation.slack = slack);
        }
        block
    };
    (0..40).map(block).collect()
}

#[test]
fn a_bound_is_the_optimum_of_its_own_choice_and_no_less_than_that_of_any_other() {
    let mut numbers = Numbers(3);
    for block in blocks(&mut numbers) {
        let hidden = choice(&block, &mut numbers);
        let others: Vec<Vec<bool>> = (0..3).map(|_| choice(&block, &mut numbers)).collect();
        // A difference of which both ends are hidden is counted twice.
        let is_exact =
            block.differences.iter().all(|told| !hidden[told.first] || !hidden[told.second]);
        for target in block.targets(THRESHOLDS) {
            for (side, sign) in [
                (Side::Respondents, 1.0),
                (Side::Respondents, -1.0),
                (Side::Values, 1.0),
                (Side::Values, -1.0),
            ] {
                let signed = objective(&block, side, &target).into_iter();
                let signed: Vec<_> = signed.map(|(cell, share)| (cell, sign * share)).collect();
                let found = bound(&block, side, &hidden, &signed);
                let bound_of = |choice: &[bool]| found.constant + sum(&found.gain, choice);
                let optimum_of = |choice: &[bool]| {
                    let room = room(&block, choice, &target);
                    let of_side =
                        if side == Side::Respondents { room.respondents } else { room.value };
                    if sign > 0.0 { of_side.high } else { -of_side.low }
                };
                let (own, best) = (bound_of(&hidden), optimum_of(&hidden));
                if is_exact {
                    assert!(
                        (own - best).abs() < NEAR * best.abs().max(1.0),
                        "{side:?} {sign}: {own} and {best}"
                    );
                }
                for other in &others {
                    let (own, best) = (bound_of(other), optimum_of(other));
                    assert!(
                        own > best - NEAR * best.abs().max(1.0),
                        "{side:?} {sign}: {own} and {best}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_cut_holds_for_every_choice_without_a_fault_and_not_for_the_one_that_it_is_made_from() {
    let mut numbers = Numbers(9);
    let (mut made, mut mended) = (0, 0);
    for block in blocks(&mut numbers) {
        let hidden = vec![false; block.cells.len()];
        let others: Vec<Vec<bool>> = (0..6).map(|_| choice(&block, &mut numbers)).collect();
        for target in block.targets(THRESHOLDS) {
            let people = block.respondents(&target);
            let own = room(&block, &hidden, &target);
            let Some(fault) = own.fault(people, block.scale) else { continue };
            let cut = cut(&block, &hidden, &target, fault, &own);
            assert!(cut.needed > 1e-6, "{fault:?}: {}", cut.needed);
            made += 1;
            let width = (own.value.high - own.value.low) * people as f64;
            // A width of 2 may hold three whole numbers: there a cut asks for more than it must.
            if fault == Fault::Answers && width > 2.0 - SLACK {
                continue;
            }
            for other in &others {
                if room(&block, other, &target).fault(people, block.scale).is_none() {
                    let gain = sum(&cut.gain, other);
                    assert!(gain > cut.needed - NEAR, "{fault:?}: {gain} of {}", cut.needed);
                    mended += 1;
                }
            }
        }
    }
    assert!(made > 40 && mended > 40, "{made} and {mended}");
}
