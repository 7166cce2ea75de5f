//! What a reading holds in memory, counted by the allocator; alone in its program, for all that the process holds counts.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::{self, BufWriter, Write};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use config::ExportProfile;
use ingest::{Batches, Delivery, Key, Limits};
use peak_alloc::PeakAlloc;

/// Counts bytes that are allocated and not given back: neither the load of the machine nor what an allocator keeps moves them.
#[global_allocator]
static HELD: PeakAlloc = PeakAlloc;

/// Lets go of every batch once its rows are counted.
struct Counted(usize);

impl Batches for Counted {
    fn begin(&mut self, _: &SchemaRef) -> io::Result<()> {
        self.0 = 0;
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.0 += batch.num_rows();
        Ok(())
    }
}

/// Most bytes that are held at once while a file is read on so many threads.
fn held(delivery: &Delivery, threads: usize, rows: usize, limits: &Limits) -> usize {
    let profile: ExportProfile =
        toml::from_str("label = \"test\"\ncontainer = \"csv\"\nid = [\"id\"]").unwrap();
    let key = Key::new(b"a key for tests that hides nothing").unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut counted = Counted(0);
    let before = HELD.current_usage();
    HELD.reset_peak_usage();
    pool.install(|| {
        ingest::read_in_batches(delivery, &profile, &key, limits, &mut counted).unwrap();
    });
    assert_eq!(counted.0, rows);
    HELD.peak_usage() - before
}

#[test]
fn a_reading_in_batches_stays_within_the_limit_however_large_the_file() {
    const ROWS: usize = 150_000;
    let limits = Limits { memory_bytes: 24 << 20, segment_bytes: 1 << 19, ..Limits::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    let names: Vec<String> = (1..80).map(|column| format!("q{column}")).collect();
    writeln!(file, "id,{}", names.join(",")).unwrap();
    // Empty and short cells take most memory beside their text: six times as much, in all three times the limit.
    let cells = ["", "", "1", "2", ""].repeat(16)[..79].join(",");
    for row in 0..ROWS {
        writeln!(file, "{row},{cells}").unwrap();
    }
    file.flush().unwrap();
    drop(file);
    let delivery = Delivery::new("test", &path);
    for threads in [1, 2, 16] {
        let held = held(&delivery, threads, ROWS, &limits);
        assert!(held < limits.memory_bytes, "{threads} threads: {held} bytes");
    }
}
