//! Memory is bounded by a setting, not by the delivery.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{program, tiny_survey};

const MIB: u64 = 1 << 20;
const COLUMNS: usize = 60;

/// A delivery of codes and short texts of about this size.
fn delivery(path: &Path, bytes: u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let mut line: Vec<String> = (1..COLUMNS).map(|column| format!("V{column}")).collect();
    line.insert(0, "respnr".to_owned());
    let mut written = 0;
    for row in 0_u64.. {
        written +=
            writeln!(out, "{}", line.join(";")).map(|()| line.join(";").len() as u64).unwrap();
        if written > bytes {
            break;
        }
        for (column, cell) in (1_u64..).zip(&mut line[1..]) {
            let steps = (row + 1).wrapping_mul(column).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            *cell = match column % 10 {
                0 => format!("een antwoord van {steps} woorden"),
                _ => (steps % 7).to_string(),
            };
        }
        line[0] = row.to_string();
    }
    out.flush().unwrap();
}

/// Runs `peil` and gives its largest resident memory, as the kernel counts it.
fn peak_bytes(folder: &Path, arguments: &[&str]) -> u64 {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        if let Some(ended) = process.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(ended.success(), "{arguments:?}");
    peak
}

/// What reading takes beside the program itself.
fn taken(folder: &Path, arguments: &[&str], megabytes: u64) -> u64 {
    let first_time = |bytes| {
        let _ = fs::remove_dir_all(folder.join("store"));
        delivery(&folder.join("input/gp_2024.csv"), bytes);
        peak_bytes(folder, arguments)
    };
    let program_itself = first_time(100_000);
    first_time(megabytes * MIB) - program_itself
}

fn survey_with_128_mib() -> tempfile::TempDir {
    let survey = tiny_survey();
    let file = survey.path().join("pipeline.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replacen("[[delivery]]", "[limits]\nmemory_mib = 128\n\n[[delivery]]", 1),
    )
    .unwrap();
    survey
}

/// Read whole, the larger file takes 600 MiB and more.
#[test]
fn ingest_keeps_to_its_memory_however_large_the_delivery() {
    let survey = survey_with_128_mib();
    let run = ["run", "pipeline.toml", "--until", "ingest", "--threads", "2"];
    let (small, large) = (taken(survey.path(), &run, 30), taken(survey.path(), &run, 150));
    assert!(large < small * 3 / 2, "150 MiB took {large} bytes, 30 MiB took {small}");
    assert!(large < 128 * MIB, "{large} bytes where 128 MiB are set");
}

#[test]
fn a_first_look_keeps_to_its_memory_however_large_the_file() {
    let survey = survey_with_128_mib();
    let look = ["ingest", "input/gp_2024.csv", "--memory-mib", "128"];
    let large = taken(survey.path(), &look, 150);
    assert!(large < 128 * MIB, "{large} bytes where 128 MiB are set");
}
