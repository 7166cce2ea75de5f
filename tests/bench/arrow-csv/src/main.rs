//! Reads a CSV with arrow-csv, all columns as text: `arrow-csv-peer FILE whole|batches`, all batches kept or each let go.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::Instant;

use arrow_csv::ReaderBuilder;
use arrow_schema::{DataType, Field, Schema};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, how] = arguments.as_slice() else {
        return Err("usage: arrow-csv-peer FILE whole|batches".into());
    };
    let mut header = String::new();
    BufReader::new(File::open(path)?).read_line(&mut header)?;
    let fields: Vec<Field> =
        header.trim().split(';').map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let (start, before) = (Instant::now(), cpu_seconds()?);
    let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
        .with_delimiter(b';')
        .with_header(true)
        .with_batch_size(8192)
        .build(File::open(path)?)?;
    let rows: usize = if how == "batches" {
        reader.map(|batch| batch.map(|batch| batch.num_rows())).sum::<Result<usize, _>>()?
    } else {
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        batches.iter().map(arrow_array::RecordBatch::num_rows).sum()
    };
    println!(
        "{{\"wall\": {:.3}, \"cpu\": {:.3}, \"rows\": {rows}}}",
        start.elapsed().as_secs_f64(),
        cpu_seconds()? - before
    );
    Ok(())
}

/// CPU time of this process so far, user and system: hundredths of a second.
fn cpu_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}
