//! All SQL marts of a folder over one release, on workers: checked whole, then made one behind the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use survey::condition::SqlMistake;

use crate::engine::{Answer, Engine, Limits};
use crate::error::Error;
use crate::marts::{self, SqlMart};
use crate::output::Output;
use crate::release::{Release, Table};
use crate::workers::Workers;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Task {
    pub release: PathBuf,
    pub marts: PathBuf,
    pub out: PathBuf,
    pub workers: Vec<String>,
    pub limits: Limits,
    pub bytes_per_task: usize,
}

/// One mart, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub mart: String,
    pub rows: u64,
    pub time: Duration,
    pub stages: usize,
    /// On workers.
    pub tasks: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub release: String,
    pub workers: usize,
    pub made: Vec<Made>,
}

/// Makes the marts and writes them; the folder is there whole or not at all.
pub async fn run(task: &Task) -> Result<Summary, Error> {
    let (release, marts, workers) = ready(task).await?;
    let summary = |made| Summary { release: release.id.clone(), workers: workers.count(), made };
    let engine = Engine::new(workers.clone(), task.limits, task.bytes_per_task)?;
    let output = Output::begin(&task.out)?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut made = Vec::new();
    for mart in &marts {
        let read = |name: &str| tables.get(name).cloned();
        let readable = marts::readable(mart, &marts, &release.tables, Table::clone, read);
        let began = Instant::now();
        let answer = engine.answer(&readable, &mart.sql).await;
        let Answer { rows, stages, tasks } = answer.map_err(|mistake| failed(mart, mistake))?;
        let time = began.elapsed();
        let path = output.path(&mart.name);
        let written =
            mart::write_table(&path, &held(mart, &rows)?, &release.id, release.notice.as_deref())?;
        tables.insert(mart.name.clone(), Table { path, schema: mart.contract.schema() });
        made.push(Made { mart: mart.name.clone(), rows: written.rows, time, stages, tasks });
    }
    output.place()?;
    Ok(summary(made))
}

/// Everything that can be wrong before something runs, told at once.
async fn ready(task: &Task) -> Result<(Release, Vec<SqlMart>, Workers), Error> {
    let out = Output::check(&task.out);
    let release = Release::read(&task.release);
    let marts = marts::read(&task.marts);
    let workers = Workers::greet(&task.workers).await;
    let looked = match (&release, &marts) {
        (Ok(release), Ok(marts)) => marts::look(marts, &release.tables),
        _ => Ok(()),
    };
    match (out, release, marts, workers, looked) {
        (Ok(()), Ok(release), Ok(marts), Ok(workers), Ok(())) => Ok((release, marts, workers)),
        (out, release, marts, workers, looked) => {
            let errors = [out.err(), release.err(), marts.err(), workers.err(), looked.err()];
            Err(Error::several(errors.into_iter().flatten().collect()))
        }
    }
}

fn failed(mart: &SqlMart, mistake: SqlMistake) -> Error {
    match mistake.position {
        Some(_) => Error::Sql { path: mart.path.clone(), mistake },
        None => {
            Error::Answer { mart: mart.name.clone(), message: mistake.message, hint: mistake.hint }
        }
    }
}

/// A mart's rows are held to its contract as they are on one machine.
fn held(mart: &SqlMart, rows: &RecordBatch) -> Result<RecordBatch, Error> {
    let table = mart.contract.conform(rows)?;
    mart.contract.without_blanks(&table)?;
    Ok(table)
}
