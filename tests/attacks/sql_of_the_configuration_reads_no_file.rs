//! Whoever writes a rule or a mart may not read the machine's files with it.

use std::fs;

use crate::program::{change, peil, tiny_survey};

const SECRET: &str = "nothing that the engine may see";

#[test]
fn sql_of_a_mart_reads_no_file() {
    let folder = tiny_survey();
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, format!("value\n{SECRET}\n")).unwrap();
    let secret = secret.display();
    for sql in [
        format!("SELECT value FROM '{secret}' ORDER BY value"),
        format!("SELECT value FROM \"{secret}\" ORDER BY value"),
        format!("SELECT value FROM read_csv('{secret}') ORDER BY value"),
        format!("COPY (SELECT 1) TO '{secret}.copy'"),
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{secret}'"),
        "SELECT table_name FROM information_schema.tables ORDER BY 1".to_owned(),
    ] {
        fs::write(folder.path().join("config/marts/portal.sql"), &sql).unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{sql}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains(SECRET), "{sql}: {}", outcome.stderr);
        assert!(!folder.path().join("marts/current").exists(), "{sql}");
        assert!(!folder.path().join("secret.csv.copy").exists(), "{sql}");
    }
}

#[test]
fn sql_of_a_rule_reads_no_file() {
    let folder = tiny_survey();
    let condition = "condition = \"hours <= (SELECT 1 FROM '/etc/passwd')\"";
    change(folder.path(), "config/rules/plausible.toml", "condition = \"hours <= 80\"", condition);
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("root:"), "{}", outcome.stderr);
}
