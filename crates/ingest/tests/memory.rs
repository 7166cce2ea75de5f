//! What a reading holds in memory; alone in its program, for the peak is that of the whole process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::{self, BufWriter, Write};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use ingest::{Batches, Delivery, Key, Limits};
use survey::config::ExportProfile;

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

/// Most memory that this process has held so far.
fn peak_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

#[test]
fn a_reading_in_batches_stays_within_the_limit_however_large_the_file() {
    const ROWS: usize = 300_000;
    let profile: ExportProfile =
        toml::from_str("label = \"test\"\ncontainer = \"csv\"\nid = [\"id\"]").unwrap();
    let key = Key::new(b"a key for tests that hides nothing").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    let names: Vec<String> = (1..80).map(|column| format!("q{column}")).collect();
    writeln!(file, "id,{}", names.join(",")).unwrap();
    // Empty and short cells take most memory beside their text.
    let cells = ["", "", "1", "2", ""].repeat(16)[..79].join(",");
    for row in 0..ROWS {
        writeln!(file, "{row},{cells}").unwrap();
    }
    file.flush().unwrap();
    let delivery = Delivery::new("test", &path);
    let before = peak_bytes();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let limits = Limits { memory_bytes: 48 << 20, ..Limits::default() };
        let mut counted = Counted(0);
        pool.install(|| {
            ingest::read_in_batches(&delivery, &profile, &key, &limits, &mut counted).unwrap();
        });
        assert_eq!(counted.0, ROWS);
        let held = peak_bytes() - before;
        assert!(held < limits.memory_bytes + (16 << 20), "{threads} threads: {held} bytes");
    }
}
