//! Clock, process, signals and log: the outside world that the libraries are handed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pipeline::outcome::{Fault, Outside};
use rand::TryRng;
use rand::rngs::SysRng;
use signal_hook::consts::{SIGINT, SIGTERM};
use store::remote::{Remote, Trouble};
use tracing_subscriber::EnvFilter;

use crate::arguments::{Arguments, LogFormat};
use crate::print;

/// How long a run that was told to end may take to come to the end of a step; after that it ends where it is, which nothing
/// that it keeps can be halved by.
const GRACE: Duration = Duration::from_secs(5);

/// The real world; `fail_at` is for tests.
pub fn outside(fail_at: Option<&str>) -> Outside {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // A second signal ends the process at once.
        let _ =
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted));
        let _ = signal_hook::flag::register(signal, Arc::clone(&interrupted));
    }
    end_in_time(Arc::clone(&interrupted));
    Outside {
        now: Arc::new(Timestamp::now),
        pid: std::process::id(),
        random: Arc::new(random),
        interrupted,
        fault: fail_at.map(fault),
        observe: None,
    }
}

/// No wait outlives a signal: not for a disk, not for a pipe.
fn end_in_time(interrupted: Arc<AtomicBool>) {
    spawn(move || {
        while !interrupted.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(50));
        }
        sleep(GRACE);
        print::message("interrupted within a step; what ran before it is kept");
        std::process::exit(130);
    });
}

/// A clock that says `instant` now and goes on from there.
pub fn clock_from(instant: Timestamp) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let began = Instant::now();
    Arc::new(move || instant + began.elapsed())
}

/// Random bytes of the system.
pub fn random(bytes: &mut [u8]) -> io::Result<()> {
    SysRng.try_fill_bytes(bytes).map_err(io::Error::other)
}

pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Opens an address of a store that lies elsewhere, with the credentials of the environment.
pub fn connect(address: &str) -> Result<Arc<dyn Remote>, Trouble> {
    let variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    cloud::open(address, &variables)
}

/// `POINT` fails as a full disk does; `POINT=kill` ends the process without any clean-up, `POINT=panic` is a bug.
fn fault(text: &str) -> Fault {
    let (wanted, how) = text.split_once('=').unwrap_or((text, ""));
    let (wanted, how) = (wanted.to_owned(), how.to_owned());
    Arc::new(move |point| match how.as_str() {
        _ if point != wanted => Ok(()),
        "kill" => std::process::abort(),
        "panic" => panic!("asked for by `--fail-at`"),
        _ => Err(io::Error::from(io::ErrorKind::StorageFull)),
    })
}

/// A bug says where it is and nothing else: its message may hold an answer.
pub fn watch_for_bugs() {
    std::panic::set_hook(Box::new(|bug| {
        // `ingest` catches what its second reader gives up on.
        if bug.location().is_some_and(|place| place.file().contains("/calamine-")) {
            return;
        }
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("worker").to_owned();
        let place = bug.location().map_or("an unknown place".to_owned(), ToString::to_string);
        print::bug_at(&format!("bug at {place}, thread `{thread}`"));
    }));
}

/// The log goes to the error stream.
pub fn start_log(arguments: &Arguments) {
    let json = arguments.log_format == LogFormat::Json;
    let level = if json && arguments.log == "off" { "info" } else { &arguments.log };
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("off"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if json {
        print::as_json();
    }
    let _ = if json {
        log.json().with_target(false).flatten_event(true).try_init()
    } else {
        log.with_target(false).with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init()
    };
}
