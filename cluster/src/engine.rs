//! One SELECT over Parquet files on workers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionContext;
use datafusion_distributed::{DistributedExt, NetworkBoundaryExt, SessionStateBuilderExt};
use expression::elsewhere;
use futures::StreamExt;
use survey::condition::SqlMistake;
use tokio::time::timeout;
use url::Url;

use crate::release::Table;
use crate::workers::Workers;

/// What one mart may take of the coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub seconds: u64,
    pub memory_mib: u64,
}

/// The coordinator's side of the engine.
pub struct Engine {
    workers: Workers,
    runtime: Arc<RuntimeEnv>,
    limits: Limits,
    bytes_per_task: usize,
}

/// Rows, and how much of the work the workers had.
pub struct Answer {
    pub rows: RecordBatch,
    pub stages: usize,
    pub tasks: usize,
}

/// Memory that is counted, and nothing on disk: as where the marts run on one machine.
pub fn runtime(memory_mib: u64) -> Result<Arc<RuntimeEnv>> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(bytes(memory_mib))))
        .with_disk_manager_builder(disk)
        .build_arc()
}

fn bytes(mib: u64) -> usize {
    usize::try_from(mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
}

impl Engine {
    pub fn new(workers: Workers, limits: Limits, bytes_per_task: usize) -> Result<Self> {
        Ok(Self { workers, runtime: runtime(limits.memory_mib)?, limits, bytes_per_task })
    }

    /// The rows in the order that the SQL says, in the types of a mart.
    pub async fn answer(
        &self,
        tables: &BTreeMap<String, Table>,
        sql: &str,
    ) -> Result<Answer, SqlMistake> {
        let time = Duration::from_secs(self.limits.seconds);
        timeout(time, self.asked(tables, sql)).await.unwrap_or_else(|_| {
            let message = format!("it runs for more than {} s", self.limits.seconds);
            Err(limited(message, "--mart-seconds"))
        })
    }

    async fn asked(
        &self,
        tables: &BTreeMap<String, Table>,
        sql: &str,
    ) -> Result<Answer, SqlMistake> {
        let told = |error: DataFusionError| self.told(&error);
        let context = self.context(tables).map_err(told)?;
        let schemas: BTreeMap<String, Schema> = tables
            .iter()
            .map(|(name, table)| (name.clone(), table.schema.as_ref().clone()))
            .collect();
        let plan = elsewhere::plan(&context, &schemas, sql).await?;
        let schema = Arc::new(plan.schema().as_arrow().clone());
        let plan = context.state().create_physical_plan(&plan).await.map_err(told)?;
        let (stages, tasks) = on_workers(&plan).map_err(told)?;
        let batches = self.rows(plan, &context).await.map_err(told)?;
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        let rows = elsewhere::as_mart(&schema, &batches).map_err(told)?;
        Ok(Answer { rows, stages, tasks })
    }

    async fn rows(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: &SessionContext,
    ) -> Result<Vec<RecordBatch>> {
        let mut stream = execute_stream(plan, context.task_ctx())?;
        let (mut batches, mut left) = (Vec::new(), bytes(self.limits.memory_mib));
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            left = left.checked_sub(batch.get_array_memory_size()).ok_or_else(|| {
                DataFusionError::ResourcesExhausted("the rows of the answer".to_owned())
            })?;
            batches.push(batch);
        }
        Ok(batches)
    }

    /// A session of its own: the tables of one query are not there for the next.
    fn context(&self, tables: &BTreeMap<String, Table>) -> Result<SessionContext> {
        // With one partition most plans would have nothing to hand out.
        let partitions = self.workers.count().max(2);
        let state = SessionStateBuilder::new()
            .with_default_features()
            .with_config(elsewhere::settings().with_target_partitions(partitions))
            .with_runtime_env(Arc::clone(&self.runtime))
            .with_distributed_worker_resolver(self.workers.clone())
            .with_distributed_planner()
            .with_distributed_file_scan_config_bytes_per_partition(self.bytes_per_task)?
            .build();
        let context = SessionContext::new_with_state(state);
        for function in elsewhere::functions() {
            context.register_udf(function.as_ref().clone());
        }
        for (name, table) in tables {
            context
                .register_table(TableReference::bare(name.as_str()), Arc::new(listed(table)?))?;
        }
        Ok(context)
    }

    fn told(&self, error: &DataFusionError) -> SqlMistake {
        let mistake = elsewhere::mistake(error);
        let text = error.to_string();
        if text.contains("Resources exhausted") {
            return limited(
                format!("it needs more memory than there may be: {}", mistake.message),
                "--mart-memory-mib here and --memory-mib of the workers",
            );
        }
        let is_missing = text.contains("not found") && text.contains(".parquet");
        let hint =
            "every worker must see RELEASE and the folder that holds --out, at the same paths";
        SqlMistake { hint: is_missing.then(|| hint.to_owned()).or(mistake.hint), ..mistake }
    }
}

fn limited(message: String, option: &str) -> SqlMistake {
    let hint = format!(
        "look for a join without a condition or a recursion without an end, or raise {option}"
    );
    SqlMistake { message, position: None, hint: Some(hint) }
}

/// A file as a table of plain texts, as the marts have on one machine.
fn listed(table: &Table) -> Result<ListingTable> {
    let url = Url::from_file_path(&table.path).map_err(|()| {
        DataFusionError::Plan(format!("{}: no absolute path", table.path.display()))
    })?;
    let format = ParquetFormat::default().with_force_view_types(false);
    let config = ListingTableConfig::new(ListingTableUrl::try_new(url, None)?)
        .with_listing_options(ListingOptions::new(Arc::new(format)))
        .with_schema(Arc::clone(&table.schema));
    ListingTable::try_new(config)
}

/// Stages and tasks that workers have of a plan.
fn on_workers(plan: &Arc<dyn ExecutionPlan>) -> Result<(usize, usize)> {
    let (mut stages, mut tasks) = (0, 0);
    plan.apply(|node| {
        if let Some(boundary) = node.as_network_boundary() {
            stages += 1;
            tasks += boundary.input_stage().task_count();
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok((stages, tasks))
}
