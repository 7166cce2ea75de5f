//! Settings: every value that is accepted runs, and what cannot run is refused with a place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::marts::rows;
use crate::program::{peil, tiny_survey};

/// A value of a method setting with the rest of the panel's file that it needs.
struct Case {
    key: &'static str,
    value: String,
    weighting: String,
    tables: String,
}

const RAKING: &str =
    "method = \"raking\"\nmargins = [[\"sex\"], [\"age_group\"]]\nmissing_auxiliary = \"stop\"\n";
const BOUNDS: &str = "bounds = [0.2, 5.0]\n";
/// Two strata with two units each.
const DESIGN: &str = "[design]\nstrata = [\"sex\"]\nclusters = \"age_group\"\nnested = true\n";

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |key, value: &str, weighting: String, tables: String| {
        cases.push(Case { key, value: value.to_owned(), weighting, tables });
    };
    for method in ["none", "post_stratification", "raking", "raking_ratio", "linear", "logit"] {
        let margins = match method {
            "none" => "",
            "post_stratification" => "margins = [[\"sex\"]]\n",
            _ => "margins = [[\"sex\"], [\"age_group\"]]\n",
        };
        let bounds = if method == "logit" { BOUNDS } else { "" };
        let weighting =
            format!("method = \"{method}\"\n{margins}missing_auxiliary = \"stop\"\n{bounds}");
        add("weighting.method", method, weighting.clone(), String::new());
        add("weighting.method", method, weighting, DESIGN.to_owned());
    }
    for trim in ["none", "once", "to_stable"] {
        let bounds = if trim == "none" { "" } else { BOUNDS };
        add("weighting.trim", trim, format!("{RAKING}{bounds}trim = \"{trim}\"\n"), String::new());
    }
    for rule in ["proportional", "equal", "none"] {
        let weighting = format!("{RAKING}{BOUNDS}trim = \"once\"\nredistribute = \"{rule}\"\n");
        add("weighting.redistribute", rule, weighting, String::new());
    }
    for errors in ["greg", "r_sweeps"] {
        add("weighting.errors", errors, format!("{RAKING}errors = \"{errors}\"\n"), String::new());
    }
    for missing in ["stop", "own_category", "drop", "neutral"] {
        let weighting = RAKING.replace("\"stop\"", &format!("\"{missing}\""));
        add("weighting.missing_auxiliary", missing, weighting, String::new());
    }
    for method in ["linearisation", "rao_wu", "subbootstrap", "jk1", "jkn", "brr", "fay"] {
        for recalibrate in [true, false] {
            let (weighting, tables) = replicated(method, recalibrate);
            add("variance.method", method, weighting, tables);
        }
    }
    for centre in ["estimate", "mean_of_replicates"] {
        let (weighting, tables) = replicated("jkn", true);
        add("variance.centre", centre, weighting, format!("{tables}centre = \"{centre}\"\n"));
    }
    for policy in ["fail", "remove", "adjust", "average"] {
        let tables = format!("{DESIGN}lonely_psu = \"{policy}\"\n");
        add("design.lonely_psu", policy, RAKING.to_owned(), tables);
    }
    let nonresponse = "[nonresponse]\nclasses = [\"sex\"]\nresponded = { concept = \"portal_offered\", code = \"yes\" }\n";
    add("nonresponse", "classes", RAKING.to_owned(), nonresponse.to_owned());
    cases
}

/// A way to the errors whose replicates can meet the totals: half a sample of two units a stratum has one age group of
/// each sex, and meets totals of the sexes only.
fn replicated(method: &str, recalibrate: bool) -> (String, String) {
    let halves = ["brr", "fay"].contains(&method);
    let weighting = match (halves, recalibrate) {
        (true, true) => RAKING.replace("[[\"sex\"], [\"age_group\"]]", "[[\"sex\"]]"),
        _ => RAKING.to_owned(),
    };
    let design = match method {
        "jk1" => "",
        _ if halves => DESIGN,
        _ => "[design]\nstrata = [\"sex\"]\nclusters = \"birth_year\"\nnested = true\n",
    };
    let fay = if method == "fay" { "fay_factor = 0.3\n" } else { "" };
    let variance =
        format!("method = \"{method}\"\nreplicates = 20\nrecalibrate = {recalibrate}\n{fay}");
    (weighting, format!("{design}[variance]\n{variance}"))
}

fn panel(case: &Case) -> String {
    let label = "label = { nl = \"H\", en = \"G\" }\nkind = \"provider\"\npopulation = { nl = \"H\", en = \"G\" }\nunit = \"person\"\n";
    format!("{label}\n[weighting]\n{}note = \"t\"\n\n{}", case.weighting, case.tables)
}

fn runs(folder: &Path, what: &str) {
    let check = peil(folder, &["check", "pipeline.toml"]);
    assert_eq!(check.code, 0, "{what}: {}", check.stderr);
    let run = peil(folder, &["run", "pipeline.toml"]);
    assert_eq!(run.code, 0, "{what} passes `check` and then fails: {}", run.stderr);
    let figures = rows(&folder.join("marts/current"), "estimate");
    let published =
        |row: &&crate::marts::Row| row["status"] == "published" && row["level"] == "total";
    let published: Vec<_> = figures.iter().filter(published).collect();
    assert_eq!(published.len(), 6, "{what}: three figures in two waves");
}

/// The values that a setting takes, as the program says when it gets another one.
fn taken(folder: &Path, file: &str, text: &str) -> BTreeSet<String> {
    let path = folder.join(file);
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, text).unwrap();
    let told = peil(folder, &["check", "pipeline.toml"]);
    fs::write(&path, before).unwrap();
    assert_eq!(told.code, 2, "{}", told.stderr);
    let words = told
        .stderr
        .lines()
        .find(|line| line.trim_start().starts_with("expected: ") || line.contains("expected: `"));
    let words = words.unwrap_or_else(|| panic!("no list of values: {}", told.stderr));
    words.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_value_of_every_method_setting_runs_through_the_whole_program() {
    let folder = tiny_survey();
    let file = folder.path().join("config/panels/gp.toml");
    let cases = cases();
    for key in cases
        .iter()
        .map(|case| case.key)
        .filter(|key| *key != "nonresponse")
        .collect::<BTreeSet<_>>()
    {
        let of_key = || cases.iter().filter(|case| case.key == key);
        let covered: BTreeSet<String> = of_key().map(|case| case.value.clone()).collect();
        let (_, name) = key.split_once('.').unwrap();
        let first = of_key().next().unwrap();
        let (old, new) = (format!("{name} = \"{}\"", first.value), format!("{name} = \"?\""));
        let example = Case {
            key: first.key,
            value: "?".to_owned(),
            weighting: first.weighting.replace(&old, &new),
            tables: first.tables.replace(&old, &new),
        };
        assert_eq!(
            taken(folder.path(), "config/panels/gp.toml", &panel(&example)),
            covered,
            "{key}"
        );
    }
    for case in &cases {
        fs::write(&file, panel(case)).unwrap();
        runs(folder.path(), &format!("{} = {}", case.key, case.value));
    }
}

#[test]
fn a_replicate_that_cannot_be_recalibrated_is_told_with_its_number_or_does_without_the_lost_level()
{
    let folder = tiny_survey();
    let variance = "[variance]\nmethod = \"brr\"\n";
    let ends = |margins: &str, design: &str| {
        let weighting = RAKING.replace("[[\"sex\"], [\"age_group\"]]", margins);
        let tables = format!("{design}{variance}");
        let case = Case { key: "variance", value: String::new(), weighting, tables };
        fs::write(folder.path().join("config/panels/gp.toml"), panel(&case)).unwrap();
        peil(folder.path(), &["run", "pipeline.toml"])
    };
    // Half a sample has one age group of each sex: where they differ the totals of both margins contradict each other.
    let refused = ends("[[\"sex\"], [\"age_group\"]]", DESIGN);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in [
        "gp 2024: replicate 2 of 4 (2 cannot be weighted): config/targets/gp.csv, line",
        "variance.recalibrate",
    ] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    // The age groups are the strata and the sexes their units: every half has everybody of one sex in each age group.
    let by_age = "[design]\nstrata = [\"age_group\"]\nclusters = \"sex\"\nnested = true\n";
    let lost = ends("[[\"sex\"]]", by_age);
    assert_eq!(lost.code, 0, "{}", lost.stderr);
    assert!(lost.stderr.contains("2 of 4 replicates have nobody in some level"), "{}", lost.stderr);
}

#[test]
fn every_adjustment_for_many_tests_runs_through_the_whole_program() {
    let folder = tiny_survey();
    let file = folder.path().join("config/monitor.toml");
    let text = fs::read_to_string(&file).unwrap();
    let with =
        |value: &str| text.replace("adjustment = \"none\"", &format!("adjustment = \"{value}\""));
    let values = ["none", "bonferroni", "holm", "benjamini_hochberg"];
    let covered: BTreeSet<String> = values.map(str::to_owned).into();
    assert_eq!(taken(folder.path(), "config/monitor.toml", &with("?")), covered);
    for value in values {
        fs::write(&file, with(value)).unwrap();
        runs(folder.path(), value);
    }
}

#[test]
fn a_delivered_panel_wave_without_figures_is_said_by_check_and_by_the_summary() {
    let folder = tiny_survey();
    let file = folder.path().join("config/indicators.csv");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(",2024,2025,", ",2024,2024,")).unwrap();
    for command in ["check", "run"] {
        let outcome = peil(folder.path(), &[command, "pipeline.toml"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("gp 2025"), "{command}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains("no indicator is made of it"),
            "{command}: {}",
            outcome.stderr
        );
    }
    // An open end takes in every wave to come.
    fs::write(&file, text.replace(",2024,2025,", ",,,")).unwrap();
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("no indicator is made"), "{}", outcome.stderr);
    let indicators = rows(&folder.path().join("marts/current"), "dim_indicator");
    assert!(indicators.iter().all(|row| row["first_wave"] == "2024" && row["last_wave"] == "2025"));
}

#[test]
fn places_that_lie_in_each_other_are_refused() {
    let changed = |from: &str, to: &str| {
        let folder = tiny_survey();
        let file = folder.path().join("pipeline.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace(from, to)).unwrap();
        folder
    };
    let store = "store = \"store\"";
    let marts = "marts = \"marts\"";
    for (from, to) in [
        (store, "store = \"marts\""),
        (store, "store = \"config/store\""),
        (store, "store = \".\""),
        (marts, "marts = \"store/marts\""),
        (marts, "marts = \"config\""),
        (marts, "marts = \"./x/../store\""),
        ("file = \"input/gp_2024.csv\"", "file = \"marts/gp_2024.csv\""),
        ("file = \"input/gp_2024.csv\"", "file = \"store/gp_2024.csv\""),
    ] {
        let folder = changed(from, to);
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{to}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains("folders that do not lie in each other"),
            "{to}: {}",
            outcome.stderr
        );
    }
    #[cfg(unix)]
    {
        let folder = changed(marts, "marts = \"link/marts\"");
        fs::create_dir_all(folder.path().join("store")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("store"), folder.path().join("link"))
            .unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("`marts` lies in `store`"), "{}", outcome.stderr);
    }
}

#[test]
fn a_name_that_leaves_its_folder_is_refused_wherever_it_stands() {
    for (file, from, to) in [
        ("pipeline.toml", "name = \"gp_2024\"", "name = \"../../../escaped\""),
        ("pipeline.toml", "name = \"gp_2024\"", "name = \"con\""),
        ("config/rules/plausible.toml", "\"hours_fit_a_week\"", "\"a/b\""),
        ("config/breakdowns.csv", "\nsex,sex", "\n../sex,sex"),
        ("config/indicators.csv", "\nimpact_workload,", "\nimpact workload,"),
        ("config/codebook/concepts.csv", "\nhours,", "\n../hours,"),
        ("config/codebook/answers.csv", "\nsex,female", "\ns/x,female"),
    ] {
        let folder = tiny_survey();
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{file}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(file), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("letters"), "{file}: {}", outcome.stderr);
    }
    for file in ["config/panels/a b.toml", "config/marts/nul.sql", "config/exports/x..y.toml"] {
        let folder = tiny_survey();
        fs::write(folder.path().join(file), "").unwrap();
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{file}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("is no name"), "{file}: {}", outcome.stderr);
    }
}

#[test]
fn a_text_that_is_no_code_is_said_by_check_in_every_place_that_has_sql() {
    for (file, from, to) in [
        (
            "config/codebook/concepts.csv",
            "CASE WHEN wave - birth_year < 45",
            "CASE WHEN sex = 'Female' AND wave - birth_year < 45",
        ),
        ("config/indicators.csv", ",proportion,yes,,gp", ",proportion,yes,sex = 'Female',gp"),
        ("config/rules/plausible.toml", "hours <= 80", "hours <= 80 OR sex IN ('Female')"),
        (
            "config/panels/gp.toml",
            "[weighting]",
            "[[eligibility]]\nname = \"women\"\ncondition = \"sex = 'Female'\"\n\n[weighting]",
        ),
        ("config/marts/portal.sql", "e.breakdown = 'total'", "e.breakdown = 'Total'"),
    ] {
        let folder = tiny_survey();
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        for command in ["check", "run"] {
            let outcome = peil(folder.path(), &[command, "pipeline.toml"]);
            assert_eq!(outcome.code, 2, "{file}: {}", outcome.stderr);
            assert!(outcome.stderr.contains("did you mean"), "{file}: {}", outcome.stderr);
            assert!(outcome.stderr.contains(&format!("{file}:")), "{file}: {}", outcome.stderr);
        }
    }
}

#[test]
fn check_says_all_mistakes_of_a_mart_with_file_and_line() {
    let folder = tiny_survey();
    let mart = folder.path().join("config/marts");
    fs::write(
        mart.join("portal.sql"),
        "SELECT e.panel, e.wave, 'x' AS value, e.n, e.state\nFROM estimate AS e\nWHERE e.indicator = 'portal'\n",
    )
    .unwrap();
    let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    for told in [
        "portal.sql: the order of the rows is left open",
        "portal.sql:1: no column `state` in `e`",
        "portal.sql:3: `portal` is no value of `indicator`",
        "portal.toml:6: column `value`: type Utf8",
        "portal.toml:8: column `status`: no such column",
        "column `state`: a column",
    ] {
        assert!(outcome.stderr.contains(told), "{told}\n{}", outcome.stderr);
    }
    fs::write(mart.join("portal.sql"), "SELECT * FROM estimates ORDER BY 1").unwrap();
    let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
    assert!(outcome.stderr.contains("portal.sql:1: no table `estimates`"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("did you mean `estimate`?"), "{}", outcome.stderr);
}

#[test]
fn a_limit_lowered_below_a_delivery_is_one_refusal_with_and_without_force() {
    let folder = tiny_survey();
    let file = folder.path().join("pipeline.toml");
    let text = fs::read_to_string(&file).unwrap();
    let run = |limits: &str, more: &[&str]| {
        fs::write(&file, format!("{text}\n{limits}")).unwrap();
        peil(folder.path(), &[&["run", "pipeline.toml"], more].concat())
    };
    assert_eq!(run("", &[]).code, 0);
    let lowered = run("[limits]\nrows = 10\n", &[]);
    let forced = run("[limits]\nrows = 10\n", &["--force"]);
    assert_ne!(lowered.code, 0, "{}", lowered.stderr);
    assert_eq!(lowered.code, forced.code, "{}\n{}", lowered.stderr, forced.stderr);
    for outcome in [lowered, forced] {
        assert!(outcome.stderr.contains("rows: found"), "{}", outcome.stderr);
    }
    let raised = run("[limits]\nrows = 1000\n", &[]);
    assert_eq!(raised.code, 0, "{}", raised.stderr);
}
