//! What the kernels cost in instructions, on one thread: raking, linearised errors, and both readers.

use std::hint::black_box;
use std::io::Cursor;

use estimate::point::mean;
use estimate::{Influence, Linearisation};
use gungraun::{library_benchmark, library_benchmark_group, main};
use survey::design::Design;
use weight::rake::{Convergence, RakeOptions, Raked, rake};
use weight::{Level, Margin};
use workbook::text::{Dialect, END_MARK, Signs, Span};
use workbook::{Limits, ReadSeek, Row, Workbook};

const ROWS: usize = 20_000;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn margins() -> (Vec<f64>, Vec<Margin>) {
    let mut numbers = Numbers(1);
    let margin = |levels: u64, numbers: &mut Numbers| {
        let codes: Vec<u32> = (0..ROWS).map(|_| numbers.below(levels) as u32).collect();
        let total = |level: u64| 1000.0 * (1.0 + level as f64 / 10.0);
        let sum: f64 = (0..levels).map(total).sum();
        let level = |level: u64| Level {
            name: level.to_string(),
            total: Some(total(level) / sum * 1e6),
        };
        Margin {
            name: levels.to_string(),
            codes: codes.into(),
            levels: (0..levels).map(level).collect(),
        }
    };
    let margins = [2, 6, 12].map(|levels| margin(levels, &mut numbers)).into();
    (vec![1.0; ROWS], margins)
}

#[library_benchmark(setup = margins)]
fn raking((base, margins): (Vec<f64>, Vec<Margin>)) -> Raked {
    let options = RakeOptions { convergence: Convergence::MarginMiss(1e-10), max_rounds: 500 };
    black_box(rake(&base, &margins, &options)).expect("the totals can be met")
}

fn raked() -> (Raked, Vec<Vec<f64>>) {
    let (base, margins) = margins();
    let options = RakeOptions { convergence: Convergence::MarginMiss(1e-10), max_rounds: 500 };
    let raked = rake(&base, &margins, &options).expect("the totals can be met");
    let mut numbers = Numbers(2);
    let values = (0..5).map(|_| (0..ROWS).map(|_| numbers.below(2) as f64).collect()).collect();
    (raked, values)
}

#[library_benchmark(setup = raked)]
fn errors((raked, values): (Raked, Vec<Vec<f64>>)) -> f64 {
    let weights = raked.weights.clone();
    let design =
        Design { adjustments: vec![raked.regression], ..Design::of_elements(raked.weights) };
    let linearisation = Linearisation::new(design).expect("a design");
    let everybody = vec![true; ROWS];
    let influences: Vec<Influence> =
        values.iter().map(|values| mean(&weights, values, &everybody).expect("a mean")).collect();
    black_box(linearisation.covariance(&influences).expect("a covariance")).trace()
}

/// 20,000 records of 30 fields, some of them quoted.
fn delimited() -> Vec<u8> {
    let mut numbers = Numbers(3);
    let mut text = String::new();
    for row in 0..ROWS {
        text.push_str(&row.to_string());
        for column in 1..30 {
            text.push(';');
            match numbers.below(10) {
                0 => text.push_str("\"a; \"\"quoted\"\" answer\""),
                1 => {}
                _ => text.push_str(&(numbers.below(7) * column).to_string()),
            }
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}

#[library_benchmark(setup = delimited)]
fn delimited_text(text: Vec<u8>) -> usize {
    let dialect = Dialect { delimiter: b';', quote: b'"', newline: b'\n' };
    let (mut spans, mut signs): (Vec<Span>, Signs) = (Vec::new(), Signs::default());
    let (mut at, mut fields) = (0, 0);
    while at < text.len() && text[at] != END_MARK {
        spans.clear();
        at = dialect.record(&text, at, &mut spans, &mut signs).next;
        fields += spans.len();
    }
    black_box(fields)
}

fn sheet() -> Vec<u8> {
    let mut numbers = Numbers(4);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..4000 {
        for column in 0..30 {
            let written = if numbers.below(4) == 0 {
                let text = ["yes", "no", "do not know"][numbers.below(3) as usize];
                sheet.write_string(row, column, text)
            } else {
                sheet.write_number(row, column, numbers.below(1000) as f64 / 8.0)
            };
            written.expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[library_benchmark(setup = sheet)]
fn xlsx(bytes: Vec<u8>) -> usize {
    let open = || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn ReadSeek>);
    let limits = Limits {
        columns: 16_384,
        cells: 50_000_000,
        row_bytes: 64 << 20,
        uncompressed_bytes: 1 << 30,
        archive_entries: 10_000,
        threads: 1,
        shared_strings: 20_000_000,
        memory_bytes: 1 << 28,
    };
    let mut book = Workbook::open(Box::new(open), limits).expect("a workbook");
    let name = book.sheets()[0].name.clone();
    let mut sheet = book.sheet(&name).expect("a sheet");
    let (mut row, mut cells) = (Row::default(), 0);
    while sheet.rows.next(&mut row).expect("a row") {
        cells += row.width();
    }
    black_box(cells)
}

library_benchmark_group!(name = kernels, benchmarks = [raking, errors, delimited_text, xlsx]);
main!(library_benchmark_groups = kernels);
