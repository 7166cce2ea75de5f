//! What the benchmark of the pipeline runs on.

use std::process::Command;

use crate::program::{peil, program, root};

#[test]
fn the_deliveries_of_the_benchmark_run_to_a_release() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(program().with_file_name("sample"))
        .args(["bench", "--respondents", "1000", "--out"])
        .arg(folder.path())
        .arg("--config")
        .arg(root().join("config"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let run = peil(folder.path(), &["run", "monitor.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("published: 30 panel-waves"), "{}", run.stderr);
}
