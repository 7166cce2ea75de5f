//! A delivery that comes again with one respondent more or less: both releases together do not tell who that was.

use std::fs;

use crate::program::{change, peil, tiny_survey};

#[test]
fn one_row_less_and_back_again_is_published_and_withstands_the_attack_on_both() {
    let folder = tiny_survey();
    let run = |what: &str| {
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 0, "{what}: {}", outcome.stderr);
        let link = fs::read_link(folder.path().join("marts/current")).unwrap();
        link.file_name().unwrap().to_str().unwrap().to_owned()
    };
    let first = run("first");
    let file = folder.path().join("input/gp_2024.csv");
    let whole = fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = whole.lines().collect();
    for gone in [1, 7, 20] {
        let others = rows.iter().enumerate().filter(|(row, _)| *row != gone);
        let text: Vec<&str> = others.map(|(_, row)| *row).collect();
        fs::write(&file, format!("{}\n", text.join("\n"))).unwrap();
        let next = run("one row less");
        assert_ne!(next, first);
        let audit = peil(
            folder.path(),
            &["audit", &next, "--against", &first, "--pipeline", "pipeline.toml"],
        );
        assert_eq!(audit.code, 0, "{}", audit.stdout);
        fs::write(&file, &whole).unwrap();
        assert_eq!(run("back again"), first, "the same figures are the same release");
    }
}

#[test]
fn a_mart_of_sql_sees_only_what_is_public_and_may_calculate_with_it() {
    let folder = tiny_survey();
    let sql = folder.path().join("config/marts/portal.sql");
    let text = fs::read_to_string(&sql).unwrap();
    for hidden in ["estimate_exact", "dim_respondent", "fact_answer", "weight_diagnostic"] {
        fs::write(&sql, text.replace("FROM estimate AS", &format!("FROM {hidden} AS"))).unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{hidden}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("no table `{hidden}`")), "{}", outcome.stderr);
    }
    fs::write(&sql, &text).unwrap();
    change(
        folder.path(),
        "config/marts/portal.sql",
        "e.estimate AS value",
        "e.estimate / 7 AS value",
    );
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn what_a_release_told_stays_when_it_is_no_longer_kept_and_holds_no_respondent() {
    let folder = tiny_survey();
    change(
        folder.path(),
        "pipeline.toml",
        "marts = \"marts\"",
        "marts = \"marts\"\nkeep_releases = 0",
    );
    let file = folder.path().join("input/gp_2024.csv");
    let whole = fs::read_to_string(&file).unwrap();
    let mut releases = Vec::new();
    for without in [0, 9, 21] {
        let rows = whole.lines().enumerate().filter(|(row, _)| without == 0 || *row != without);
        let text: Vec<&str> = rows.map(|(_, row)| row).collect();
        fs::write(&file, format!("{}\n", text.join("\n"))).unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let link = fs::read_link(folder.path().join("marts/current")).unwrap();
        releases.push(link.file_name().unwrap().to_str().unwrap().to_owned());
    }
    let told = folder.path().join(format!("marts/releases/.told-{}", releases[0]));
    let names = |part: &str| {
        let entries = fs::read_dir(told.join(part)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let exact = [
        "answer_distribution_exact.parquet",
        "change_exact.parquet",
        "contrast_change_exact.parquet",
        "contrast_exact.parquet",
        "estimate_exact.parquet",
        "gap_change_exact.parquet",
        "gap_exact.parquet",
        "panel_contrast_exact.parquet",
    ];
    assert_eq!(names("restricted"), exact);
    assert!(names("public").contains(&"estimate.parquet".to_owned()));
    assert_eq!(names(""), ["manifest.json", "public", "restricted"]);
    let against = told.to_str().unwrap();
    let audit =
        peil(folder.path(), &["audit", "--against", against, "--pipeline", "pipeline.toml"]);
    assert_eq!(audit.code, 0, "{}{}", audit.stdout, audit.stderr);
}

/// With exact bases the attack finds the one who went, so that it would find him too if rounding did not protect him; it looks
/// at releases that are no longer kept as well.
#[test]
fn with_exact_bases_one_row_less_is_refused_also_where_only_what_the_release_told_is_left() {
    let folder = tiny_survey();
    change(
        folder.path(),
        "config/monitor.toml",
        "[disclosure]",
        "[disclosure]\nwithout = [\"bases\"]",
    );
    change(
        folder.path(),
        "pipeline.toml",
        "marts = \"marts\"",
        "marts = \"marts\"\nkeep_releases = 0",
    );
    let run = || peil(folder.path(), &["run", "pipeline.toml"]);
    let first = run();
    assert_eq!(first.code, 0, "{}", first.stderr);
    let (file, settings) =
        (folder.path().join("input/gp_2024.csv"), folder.path().join("pipeline.toml"));
    let whole = fs::read_to_string(&file).unwrap();
    let rows = whole.lines().enumerate().filter(|(row, _)| *row != 7);
    let text: Vec<&str> = rows.map(|(_, row)| row).collect();
    fs::write(&file, format!("{}\n", text.join("\n"))).unwrap();
    let refused = run();
    assert_eq!(refused.code, 1, "beside the release that is kept: {}", refused.stderr);
    assert!(refused.stderr.contains("those who came or went"), "{}", refused.stderr);

    // A release without that wave takes the place of the first one, of which only what it told is left.
    let with_both = fs::read_to_string(&settings).unwrap();
    let (start, end) =
        (with_both.find("[[delivery]]").unwrap(), with_both.rfind("[[delivery]]").unwrap());
    fs::write(&settings, format!("{}{}", &with_both[..start], &with_both[end..])).unwrap();
    let other = run();
    assert_eq!(other.code, 0, "{}", other.stderr);
    fs::write(&settings, &with_both).unwrap();
    let refused = run();
    assert_eq!(refused.code, 1, "beside what it told: {}", refused.stderr);
    assert!(refused.stderr.contains("those who came or went"), "{}", refused.stderr);
}
