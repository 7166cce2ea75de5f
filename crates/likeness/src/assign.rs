//! Which belongs to which, one to one.

/// The pairs of rows and columns with the largest sum of gains; a gain of 0 or less pairs nothing.
///
/// `gains` has a row for each of the ones and a column for each of the others. For each row its column. The Hungarian method
/// with potentials (Kuhn 1955, Munkres 1957), O(rows² × columns).
pub fn assign(gains: &[Vec<f64>]) -> Vec<Option<usize>> {
    let (rows, columns) = (gains.len(), gains.first().map_or(0, Vec::len));
    if columns == 0 {
        return vec![None; rows];
    }
    if rows > columns {
        let turned: Vec<Vec<f64>> =
            (0..columns).map(|column| gains.iter().map(|row| row[column]).collect()).collect();
        let mut of_rows = vec![None; rows];
        for (column, row) in assign(&turned).into_iter().enumerate() {
            if let Some(row) = row {
                of_rows[row] = Some(column);
            }
        }
        return of_rows;
    }
    let mut search = Search::new(gains, columns);
    for row in 1..=rows {
        search.add(row);
    }
    let mut of_rows = vec![None; rows];
    for column in 1..=columns {
        if let Some(row) = search.row_of[column].checked_sub(1)
            && gains[row][column - 1] > 0.0
        {
            of_rows[row] = Some(column - 1);
        }
    }
    of_rows
}

/// Rows and columns from 1; 0 is none.
struct Search<'a> {
    gains: &'a [Vec<f64>],
    of_rows: Vec<f64>,
    of_columns: Vec<f64>,
    row_of: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(gains: &'a [Vec<f64>], columns: usize) -> Self {
        Self {
            gains,
            of_rows: vec![0.0; gains.len() + 1],
            of_columns: vec![0.0; columns + 1],
            row_of: vec![0; columns + 1],
        }
    }

    fn cost(&self, row: usize, column: usize) -> f64 {
        -self.gains[row - 1][column - 1].max(0.0) - self.of_rows[row] - self.of_columns[column]
    }

    /// Gives the row a column, along the cheapest path of exchanges.
    fn add(&mut self, row: usize) {
        let columns = self.of_columns.len();
        self.row_of[0] = row;
        let (mut least, mut before) = (vec![f64::INFINITY; columns], vec![0; columns]);
        let mut seen = vec![false; columns];
        let mut at = 0;
        while self.row_of[at] != 0 {
            seen[at] = true;
            let (mut next, mut step) = (0, f64::INFINITY);
            for column in 1..columns {
                if seen[column] {
                    continue;
                }
                let cost = self.cost(self.row_of[at], column);
                if cost < least[column] {
                    (least[column], before[column]) = (cost, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], column);
                }
            }
            for column in 0..columns {
                if seen[column] {
                    self.of_rows[self.row_of[column]] += step;
                    self.of_columns[column] -= step;
                } else {
                    least[column] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            let from = before[at];
            self.row_of[at] = self.row_of[from];
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(gains: &[Vec<f64>], pairs: &[Option<usize>]) -> f64 {
        pairs.iter().enumerate().filter_map(|(row, of)| of.map(|of| gains[row][of])).sum()
    }

    /// The best by trying all.
    fn best(gains: &[Vec<f64>], row: usize, taken: &mut Vec<usize>) -> f64 {
        if row == gains.len() {
            return 0.0;
        }
        let mut found = best(gains, row + 1, taken);
        for column in 0..gains[0].len() {
            if gains[row][column] > 0.0 && !taken.contains(&column) {
                taken.push(column);
                found = found.max(gains[row][column] + best(gains, row + 1, taken));
                taken.pop();
            }
        }
        found
    }

    #[test]
    fn no_other_assignment_has_a_larger_sum() {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from((state >> 40) as u32 % 12) - 3.0
        };
        for (rows, columns) in [(1, 1), (3, 5), (5, 3), (4, 4), (6, 6), (0, 0)] {
            for _ in 0..50 {
                let gains: Vec<Vec<f64>> =
                    (0..rows).map(|_| (0..columns).map(|_| random()).collect()).collect();
                let pairs = assign(&gains);
                let mut columns: Vec<usize> = pairs.iter().flatten().copied().collect();
                columns.sort_unstable();
                columns.dedup();
                assert_eq!(columns.len(), pairs.iter().flatten().count());
                let expected = best(&gains, 0, &mut Vec::new());
                assert!((sum(&gains, &pairs) - expected).abs() < 1e-9, "{gains:?} {pairs:?}");
            }
        }
    }

    #[test]
    fn what_gains_nothing_stays_alone() {
        assert_eq!(assign(&[vec![0.0, -1.0]]), [None]);
        assert_eq!(assign(&[vec![], vec![]]), [None, None]);
    }
}
