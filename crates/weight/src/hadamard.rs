//! Hadamard matrices for balanced half-samples (Sylvester, Paley).

/// A Hadamard matrix of the smallest order from `size` on that can be made; `true` = +1, first column all true.
pub(crate) fn of_at_least(size: usize) -> Vec<Vec<bool>> {
    let first = if size <= 2 { size.max(1) } else { size.next_multiple_of(4) };
    let mut orders = (first..).step_by(if size <= 2 { 1 } else { 4 });
    let matrix = orders.find_map(of_order).unwrap_or_default();
    matrix.into_iter().map(|row| row.iter().map(|&sign| sign == row[0]).collect()).collect()
}

fn of_order(order: usize) -> Option<Vec<Vec<bool>>> {
    match order {
        0 => None,
        1 => Some(vec![vec![true]]),
        2 => Some(vec![vec![true, true], vec![true, false]]),
        _ if !order.is_multiple_of(4) => None,
        _ => of_order(order / 2)
            .map(|half| double(&half))
            .or_else(|| first_paley(order))
            .or_else(|| second_paley(order)),
    }
}

/// Sylvester: [[H, H], [H, -H]].
fn double(half: &[Vec<bool>]) -> Vec<Vec<bool>> {
    let size = half.len();
    let entry = |row: usize, column: usize| {
        half[row % size][column % size] != (row >= size && column >= size)
    };
    (0..2 * size).map(|row| (0..2 * size).map(|column| entry(row, column)).collect()).collect()
}

/// Paley's first construction: order - 1 is a prime that leaves 3 modulo 4.
fn first_paley(order: usize) -> Option<Vec<Vec<bool>>> {
    let prime = order - 1;
    if prime % 4 != 3 || !is_prime(prime) {
        return None;
    }
    let residue = residues(prime);
    let entry = |row: usize, column: usize| match (row, column) {
        (0, _) => true,
        (_, 0) => false,
        _ => row == column || residue[(row + prime - column) % prime] == 1,
    };
    Some((0..order).map(|row| (0..order).map(|column| entry(row, column)).collect()).collect())
}

/// Paley's second construction: order / 2 - 1 is a prime that leaves 1 modulo 4.
fn second_paley(order: usize) -> Option<Vec<Vec<bool>>> {
    let prime = order / 2 - 1;
    if prime % 4 != 1 || !is_prime(prime) {
        return None;
    }
    let residue = residues(prime);
    let conference = |row: usize, column: usize| match (row, column) {
        _ if row == column => 0,
        (0, _) | (_, 0) => 1,
        _ => residue[(row + prime - column) % prime],
    };
    let entry =
        |row: usize, column: usize| match (conference(row / 2, column / 2), row % 2, column % 2) {
            (0, 0, 0) => true,
            (0, _, _) => false,
            (sign, bottom, right) => (sign == 1) != (bottom == 1 && right == 1),
        };
    Some((0..order).map(|row| (0..order).map(|column| entry(row, column)).collect()).collect())
}

/// 1 for squares modulo `prime`, -1 for the others, 0 for 0.
fn residues(prime: usize) -> Vec<i8> {
    let mut residues = vec![-1; prime];
    (1..prime).for_each(|value| residues[value * value % prime] = 1);
    residues[0] = 0;
    residues
}

fn is_prime(number: usize) -> bool {
    number > 1 && (2..=number.isqrt()).all(|factor| !number.is_multiple_of(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_orthogonal_and_the_first_column_is_positive() {
        for size in 1..120 {
            let matrix = of_at_least(size);
            assert!(matrix.len() >= size && matrix.len() <= size + 8, "{size}: {}", matrix.len());
            assert!(matrix.iter().all(|row| row[0]));
            for (index, left) in matrix.iter().enumerate() {
                for right in &matrix[..index] {
                    let agree = left.iter().zip(right).filter(|pair| pair.0 == pair.1).count();
                    assert_eq!(2 * agree, matrix.len(), "{size}");
                }
            }
        }
    }
}
