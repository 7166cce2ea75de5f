use super::*;

const ROWS: usize = 4000;

/// Cells; weights, base weights and a numeric auxiliary; the levels of a fine and a coarse cut.
fn sample(weights: usize) -> (Vec<u32>, [Vec<f64>; 3], [Vec<u32>; 2]) {
    let cell: Vec<u32> = (0..ROWS as u32).map(|row| row * 7 % 5).collect();
    let weight = |row: usize| ((row * 13) % weights) as f64 / 3.0;
    let base = (0..ROWS).map(|row| if weight(row) > 0.0 { 1.5 } else { 0.0 });
    let level = |row: u32, levels: u32| {
        if row.is_multiple_of(11) { NO_CODE } else { row * 31 / 7 % levels }
    };
    let cuts = [300, 3].map(|levels| (0..ROWS as u32).map(|row| level(row, levels)).collect());
    let times = (0..ROWS).map(|row| (row * 3 % 4) as f64 - 1.25);
    (cell, [(0..ROWS).map(weight).collect(), base.collect(), times.collect()], cuts)
}

#[test]
fn counts_times_weights_are_the_sums_of_every_row() {
    let binary: Vec<u8> = (0..ROWS).map(|row| [0, 1, 255][row * 17 % 7 % 3]).collect();
    let few = |row: usize| if row % 9 == 4 { f64::NAN } else { (row * 5 % 7) as f64 };
    let many = |row: usize| if row % 8 == 3 { f64::NAN } else { (row * 37 % 501) as f64 };
    let keys: Vec<u8> = (0..ROWS).map(|row| (row * 19 % 4) as u8).collect();
    let numbers = vec![0.25, -1.0, 3.5, f64::NAN];
    let columns = [
        Column::Binary(binary),
        Column::Numeric((0..ROWS).map(few).collect()),
        Column::Numeric((0..ROWS).map(many).collect()),
        Column::Few { keys, numbers, levels: vec![0, 2, 1, 3] },
    ];
    // A few weights, which are counted, and as many as there are respondents.
    for (weights, is_times) in [(4, false), (12_000, false), (4, true), (12_000, true)] {
        let (cells, [weights, base, times], codes) = sample(weights);
        let times = is_times.then_some(times.as_slice());
        let measured = Measured { weights: &weights, base: &base, times };
        let classes = Classes::new(&cells, measured).filter(|of| of.moments.len() < 100);
        let cuts = [Some((codes[0].as_slice(), 300)), None, Some((codes[1].as_slice(), 3))];
        let sums = Rows::new((&cells, 5), measured, classes.as_ref(), &cuts);
        for (which, column) in columns.iter().enumerate() {
            let cut_of = if which == 3 { vec![1, 2] } else { vec![0, 1, 2] };
            let (shift, found) = sums.sums(column, &cut_of, None);
            assert_eq!(found.len(), cut_of.len() - 1, "a cut that was not asked has none");
            for (cut, found) in found {
                let (codes, levels) = cuts[cut].unwrap_or_default();
                let mut expected = vec![Sums::default(); levels * 5];
                for row in 0..ROWS {
                    let (value, mut level) = (column.value(row), codes[row]);
                    if let Column::Few { keys, levels, .. } = column {
                        level = levels[usize::from(keys[row])];
                    }
                    if level == NO_CODE || value.is_nan() {
                        continue;
                    }
                    let own = &mut expected[level as usize * 5 + cells[row] as usize];
                    let (w, d, y) = (weights[row], base[row], value - shift);
                    let n = f64::from(w > 0.0);
                    let times = times.map_or(1.0, |times| times[row]);
                    own.n += n;
                    own.nonzero += if value == 0.0 { 0.0 } else { n };
                    let products = [
                        (&mut own.w, w),
                        (&mut own.wy, w * y),
                        (&mut own.wyy, w * y * y),
                        (&mut own.d, d),
                        (&mut own.dy, d * y),
                        (&mut own.ww, w * w),
                        (&mut own.wwy, w * w * y),
                        (&mut own.wwyy, w * w * y * y),
                    ];
                    for (sum, product) in products {
                        *sum += product * times;
                    }
                }
                let numbers = |sums: &Sums| {
                    [
                        [sums.n, sums.nonzero, sums.w, sums.wy, sums.wyy],
                        [sums.d, sums.dy, sums.ww, sums.wwy, sums.wwyy],
                    ]
                    .concat()
                };
                for (found, expected) in found.iter().zip(&expected) {
                    for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
                        let scale = expected.abs().max(1.0);
                        assert!((found - expected).abs() < 1e-11 * scale, "{which} {cut}");
                    }
                }
            }
        }
    }
}

#[test]
fn weights_that_almost_all_differ_are_not_counted() {
    let classes = |rows: u32| {
        let weights: Vec<f64> = (0..rows).map(f64::from).collect();
        let base = vec![1.0; weights.len()];
        let measured = Measured { weights: &weights, base: &base, times: None };
        Classes::new(&vec![0; weights.len()], measured).map(|classes| classes.moments.len())
    };
    assert_eq!((classes(4000), classes(5000)), (Some(4000), None));
}
