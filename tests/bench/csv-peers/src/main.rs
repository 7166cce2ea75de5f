//! Reads a CSV with a peer, all columns as text: `csv-peers FILE whole|batches|records`.
//!
//! `whole` and `batches` are arrow-csv: all batches kept, or each let go. `records` is simd-csv: the fields of a record as bytes,
//! unescaped, of which the lengths are summed; no columns are made.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::Instant;

use arrow_csv::ReaderBuilder;
use arrow_schema::{DataType, Field, Schema};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, how] = arguments.as_slice() else {
        return Err("usage: csv-peers FILE whole|batches|records".into());
    };
    let (start, before) = (Instant::now(), cpu_seconds()?);
    let rows = match how.as_str() {
        "records" => records(path)?,
        how => arrays(path, how == "batches")?,
    };
    println!(
        "{{\"wall\": {:.3}, \"cpu\": {:.3}, \"rows\": {rows}}}",
        start.elapsed().as_secs_f64(),
        cpu_seconds()? - before
    );
    Ok(())
}

fn arrays(path: &str, in_batches: bool) -> Result<usize> {
    let mut header = String::new();
    BufReader::new(File::open(path)?).read_line(&mut header)?;
    let fields: Vec<Field> =
        header.trim().split(';').map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
        .with_delimiter(b';')
        .with_header(true)
        .with_batch_size(8192)
        .build(File::open(path)?)?;
    if in_batches {
        return Ok(reader
            .map(|batch| batch.map(|batch| batch.num_rows()))
            .sum::<std::result::Result<usize, _>>()?);
    }
    let batches = reader.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(batches.iter().map(arrow_array::RecordBatch::num_rows).sum())
}

fn records(path: &str) -> Result<usize> {
    let mut builder = simd_csv::ReaderBuilder::with_capacity(1 << 20);
    let mut reader = builder.delimiter(b';').from_reader(File::open(path)?);
    let mut record = simd_csv::ByteRecord::new();
    let (mut rows, mut bytes) = (0, 0);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
        bytes += record.iter().map(<[u8]>::len).sum::<usize>();
    }
    if bytes == 0 {
        return Err("nothing was read".into());
    }
    Ok(rows)
}

/// CPU time of this process so far, user and system: hundredths of a second.
fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}
