//! `peil-cluster`: the SQL marts of a release on workers.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cluster::{Error, Limits, Listening, Summary, Task};
use survey::header::written_out;
use survey::hinted::Hinted;

const EXAMPLES: &str = "\
Three workers on one machine, each in a shell of its own, then the marts:
  peil-cluster worker --listen 127.0.0.1:5001
  peil-cluster worker --listen 127.0.0.1:5002
  peil-cluster worker --listen 127.0.0.1:5003
  peil-cluster marts marts/current --marts config/marts --out on-workers \\
    --workers http://127.0.0.1:5001,http://127.0.0.1:5002,http://127.0.0.1:5003

Exit codes:
  0 done     1 a mart's rows break its contract or take too much     2 usage, or a mart's text
  3 a file cannot be read or written, or a worker does not answer    130 interrupted";

/// The SQL marts of a release of `peil` on workers. Rows are the same as `peil run` makes.
#[derive(Debug, Parser)]
#[command(name = "peil-cluster", version, after_help = EXAMPLES, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Worker(WorkerArguments),
    Marts(MartsArguments),
}

/// Runs parts of queries for whoever reaches it, until it is interrupted.
///
/// There is neither encryption nor a login. Who reaches the port can read and write what the worker's user can.
#[derive(Debug, Args)]
struct WorkerArguments {
    /// Where it listens; port 0 is any free one. Its address is printed once it answers.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Memory that all queries on it may take together; nothing is put on disk.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    memory_mib: u64,
    /// Allow an address that other machines reach.
    #[arg(long)]
    trust_network: bool,
}

/// Makes every SQL mart of a folder over the public tables of a release, and writes them as Parquet.
///
/// Release, settings and workers are checked first, and every mistake is told at once. All workers must see RELEASE, and the
/// folder that holds --out, at the same paths as this program.
#[derive(Debug, Args)]
struct MartsArguments {
    /// A release, e.g. marts/current; its `public/` is enough.
    release: PathBuf,
    /// The workers, separated by commas.
    #[arg(long, value_name = "URL,…", value_delimiter = ',', required = true)]
    workers: Vec<String>,
    /// Folder of SQL files with their contracts.
    #[arg(long, value_name = "FOLDER", default_value = "config/marts")]
    marts: PathBuf,
    /// Folder to write, one file a mart. It is there whole or not at all; what is there already is never replaced.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Time that one mart may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    mart_seconds: u64,
    /// Memory that one mart may take of this program.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    mart_memory_mib: u64,
    /// How many bytes of a table make it worth one more task on a worker.
    #[arg(long, value_name = "BYTES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    bytes_per_task: u32,
}

/// Reserved, not used, where the SQL is shallow: as much as `peil` gives it.
const STACK_BYTES: usize = 512 << 20;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match with_runtime(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&told(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Beside a thread a core: one that works on a batch answers nobody until it is done, also where nobody waits for the batch any more.
const SPARE_THREADS: usize = 8;

fn with_runtime(command: Command) -> Result<(), Error> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cores + SPARE_THREADS)
        .thread_stack_size(STACK_BYTES)
        .build();
    let runtime = runtime.map_err(|source| Error::Threads(source))?;
    // On a thread of the runtime, which has the stack.
    let work = runtime.spawn(dispatch(command));
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn dispatch(command: Command) -> Result<(), Error> {
    match command {
        Command::Worker(of) => worker(of).await,
        Command::Marts(of) => {
            let summary = marts(of).await?;
            data(&report(&summary));
            Ok(())
        }
    }
}

async fn worker(of: WorkerArguments) -> Result<(), Error> {
    let listening = Listening::on(of.listen, of.trust_network).await?;
    data(&format!("worker http://{}\n", listening.address));
    cluster::serve(listening, of.memory_mib, interrupted()).await
}

async fn marts(of: MartsArguments) -> Result<Summary, Error> {
    let task = Task {
        release: of.release,
        marts: of.marts,
        out: of.out,
        workers: of.workers,
        limits: Limits { seconds: of.mart_seconds, memory_mib: of.mart_memory_mib },
        bytes_per_task: of.bytes_per_task as usize,
    };
    // What was begun is removed when it is dropped.
    tokio::select! {
        done = cluster::run(&task) => done,
        () = interrupted() => Err(Error::Interrupted),
    }
}

/// Ends with the first signal that asks the program to stop.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn report(summary: &Summary) -> String {
    let width = summary.made.iter().map(|made| made.mart.len()).max().unwrap_or(0);
    let line = |made: &cluster::Made| {
        let seconds = made.time.as_secs_f64();
        let (mart, rows) = (&made.mart, made.rows);
        format!("{mart:width$}  {rows:>9} rows  {seconds:>7.2} s  {:>3} tasks\n", made.tasks)
    };
    let lines: String = summary.made.iter().map(line).collect();
    let (marts, workers, release) = (summary.made.len(), summary.workers, &summary.release);
    format!("{lines}{marts} marts of release {release} on {workers} workers\n")
}

fn told(error: &Error) -> String {
    let messages = error.messages().into_iter().map(|message| {
        let hint = message.hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("error: {}{hint}", message.text).replace('\n', "\n  ")
    });
    messages.collect::<Vec<_>>().join("\n")
}

fn data(text: &str) {
    // A reader that closed the pipe early wants no more.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(written_out(text, &['\n']).as_bytes()).and_then(|()| out.flush());
}

#[expect(clippy::print_stderr, reason = "the one place that prints errors")]
fn say(text: &str) {
    eprintln!("{}", written_out(text, &['\n', '\t']));
}
