//! The answer of a query, within a limit of time and of memory.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, RecordBatchOptions};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{RecordBatchStream, SessionState};
use datafusion::sql::sqlparser::ast::Query;
use survey::condition::SqlMistake;

use crate::mistake::of_engine;
use crate::{plain, query, room};

/// What one query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    pub seconds: u64,
    pub memory_mib: u64,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self { seconds: 600, memory_mib: 2048 }
    }
}

type Tables = BTreeMap<String, Vec<RecordBatch>>;

/// One SELECT over the tables; rows come in the order that its ORDER BY says.
pub fn run(
    session: &SessionState,
    tables: &Tables,
    sql: &str,
    limits: QueryLimits,
) -> Result<RecordBatch, SqlMistake> {
    let time = Duration::from_secs(limits.seconds);
    let (session, tables, sql) = (session.clone(), tables.clone(), sql.to_owned());
    let until = Instant::now().checked_add(time);
    let work = move || {
        let query = query::parse(&sql)?;
        let known = tables.keys().map(String::as_str).collect();
        let unknown = query::unknown(&session, &known, &query).into_iter();
        if let Some(mistake) = query::order(&query).into_iter().chain(unknown).next() {
            return Err(mistake);
        }
        let answer = Box::pin(answer(&session, &tables, &query, limits));
        query::wait(Until { work: answer, until }).map_err(|error| told(&error, limits))
    };
    room::within(time, work).unwrap_or_else(|| Err(too_long(limits)))
}

async fn answer(
    session: &SessionState,
    tables: &Tables,
    query: &Query,
    limits: QueryLimits,
) -> Result<RecordBatch> {
    let bytes = usize::try_from(limits.memory_mib << 20).unwrap_or(usize::MAX);
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(bytes)))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    let tables = tables.iter().filter_map(|(name, batches)| {
        let schema = batches.first()?.schema();
        Some((name.clone(), (schema, batches.clone())))
    });
    let context = query::catalogue(session, runtime, tables)?;
    let plan = query::plan(&context, query).await?;
    let schema = Arc::new(plan.schema().as_arrow().clone());
    let mut stream = context.execute_logical_plan(plan).await?.execute_stream().await?;
    let (mut batches, mut left): (Vec<RecordBatch>, usize) = (Vec::new(), bytes);
    while let Some(batch) = next(&mut stream).await {
        let batch = batch?;
        left = left.checked_sub(size(&batch)).ok_or_else(|| {
            DataFusionError::ResourcesExhausted("the rows of the answer".to_owned())
        })?;
        batches.push(batch);
    }
    let schema = batches.first().map_or(schema, RecordBatch::schema);
    as_mart(&schema, &batches)
}

/// The next batch of a stream.
async fn next(stream: &mut Pin<Box<dyn RecordBatchStream + Send>>) -> Option<Result<RecordBatch>> {
    std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
}

/// Bytes of the rows themselves: a slice does not count for the whole that it is cut from.
fn size(batch: &RecordBatch) -> usize {
    let of_column = |column: &ArrayRef| column.to_data().get_slice_memory_size().unwrap_or(0);
    batch.columns().iter().map(of_column).sum::<usize>() + std::mem::size_of::<RecordBatch>()
}

/// The rows in the types of a mart.
pub fn as_mart(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch> {
    let batch = concat_batches(schema, batches)?;
    let fields = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), plain::mart_type(field.data_type()), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let column = |(array, field): (&ArrayRef, &Arc<Field>)| {
        cast(array, field.data_type()).map(plain::finite)
    };
    let arrays =
        batch.columns().iter().zip(schema.fields()).map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
}

/// Work of the engine that ends where it next pauses after a moment. The clock can end it, and changes nothing else.
struct Until<F> {
    work: Pin<Box<F>>,
    until: Option<Instant>,
}

impl<T, F: Future<Output = Result<T>>> Future for Until<F> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Poll::Ready(Err(DataFusionError::Execution(TOO_LONG.to_owned())));
        }
        self.work.as_mut().poll(context)
    }
}

const TOO_LONG: &str = "the time is up";

fn told(error: &DataFusionError, limits: QueryLimits) -> SqlMistake {
    match error.find_root() {
        DataFusionError::Execution(text) if text == TOO_LONG => too_long(limits),
        DataFusionError::ResourcesExhausted(_) => limited(
            format!("it needs more than {} MiB of memory", limits.memory_mib),
            "mart_memory_mib",
        ),
        _ => of_engine(error),
    }
}

fn too_long(limits: QueryLimits) -> SqlMistake {
    limited(format!("it runs for more than {} s", limits.seconds), "mart_seconds")
}

fn limited(message: String, key: &str) -> SqlMistake {
    let hint = format!(
        "look for a join without a condition or a recursion without an end, or raise `{key}` under [limits] of the pipeline file"
    );
    SqlMistake { message, position: None, hint: Some(hint) }
}
