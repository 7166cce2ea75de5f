//! Rows without an id, and rows of several panels.

use super::*;

#[test]
fn a_row_without_id_is_quarantined_and_too_many_are_a_gate() {
    let mut settings = admit_settings(codebook());
    let delivery = raw(&["id|Q1|Q2", "|1|30", "b|1|30", "c|1|30", "d|1|30"]);
    let admitted = admit(&delivery, &settings).unwrap();
    assert_eq!(admitted.about.rows_quarantined, BTreeMap::from([("missing_id".to_owned(), 1)]));
    assert_eq!((admitted.about.rows_in, admitted.about.rows_kept), (4, 3));
    settings.gates.quarantined_row_percent = 20.0;
    assert!(matches!(admit(&delivery, &settings), Err(Error::Gate { .. })));
}

#[test]
fn findings_on_quarantined_rows_are_not_reported_twice() {
    let admitted = admitted(&["id|Q1|Q2", "|nonsense|30", "b|1|30"], codebook());
    assert!(found(&admitted.findings, "unknown_answer").is_empty());
}

fn split_settings(panel: &str) -> validate::AdmitSettings {
    let mut codebook = codebook();
    codebook.concepts.push(concept("function", Kind::Category, Role::Background, "functions"));
    codebook.items.push(item("function", "F", "functions"));
    codebook.answers.extend([answers("functions", &["gp", "specialist", "other"])]);
    codebook.crosswalks.extend([crosswalk(
        "functions",
        &["huisarts=gp", "specialist=specialist", "anders=other"],
    )]);
    let mut settings = admit_settings(codebook);
    let other = if panel == "gp" { "specialist" } else { "gp" };
    panel.clone_into(&mut settings.panel_wave.panel);
    settings.delivered_panels = vec!["gp".to_owned(), "specialist".to_owned()];
    settings.split = Some(Split { concept: "function".to_owned(), code: panel.to_owned() });
    settings.other_splits = vec![other.to_owned()];
    settings
}

#[test]
fn a_delivery_of_several_panels_is_split_and_every_cell_is_counted_once() {
    let delivery = raw(&[
        "id|Q1|Q2|F|extra",
        "a|1|30|huisarts|x",
        "b|1|30|specialist|x",
        "c|1|30|anders|x",
        "d|1|30||x",
        "e|1|30|chirurg|x",
        "f|1|30|huisarts|x",
        "g|1|30|anders|x",
        "h|1|30|anders|x",
    ]);
    let panels: Vec<Admitted> = ["gp", "specialist"]
        .iter()
        .map(|panel| admit(&delivery, &split_settings(panel)).unwrap())
        .collect();
    assert_eq!(panels.iter().map(|panel| panel.about.rows_in).collect::<Vec<_>>(), [2, 1]);
    let unassigned: BTreeMap<String, u64> =
        [("split:other_function", 3), ("split:unanswered", 1), ("split:unknown_answer", 1)]
            .map(|(why, rows)| (why.to_owned(), rows))
            .into();
    assert_eq!(panels[0].about.rows_unassigned, unassigned);
    assert!(
        panels[1].about.rows_unassigned.is_empty(),
        "rows of no panel are counted once a delivery"
    );
    let settled = |position: u32| -> u64 {
        panels
            .iter()
            .flat_map(|panel| &panel.about.fates)
            .filter(|fate| fate.column == position)
            .map(|fate| fate.cells)
            .sum()
    };
    assert_eq!(settled(4), 8, "column `extra`: five rows of no panel, three not in the codebook");
    assert_eq!(settled(1), 5, "column `Q1`: the rest is settled by harmonise and confront");
    assert_eq!(found(&panels[0].findings, "unknown_answer").len(), 1);
    let told: Vec<(&str, &str, u64)> = found(&panels[0].findings, "rows_of_no_panel")
        .iter()
        .map(|finding| (finding.action.as_str(), finding.found.as_str(), finding.count))
        .collect();
    let expected = [
        ("dropped as `split:other_function`", "3 rows of no panel", 3),
        ("dropped as `split:unanswered`", "1 rows of no panel", 1),
        ("dropped as `split:unknown_answer`", "1 rows of no panel", 1),
    ];
    assert_eq!(told, expected);
    let finding = found(&panels[0].findings, "rows_of_no_panel")[0];
    assert_eq!(
        (finding.column.as_deref(), finding.concept.as_deref()),
        (Some("F"), Some("function"))
    );
    assert_eq!(finding.expected, "a function that one of the delivery's panels is for");
}

#[test]
fn rows_whose_function_nobody_knows_are_a_gate_only_above_its_limit() {
    let mut settings = split_settings("gp");
    let delivery = raw(&["id|Q1|Q2|F", "a|1|30|huisarts", "b|1|30|chirurg"]);
    settings.gates.unknown_answer_percent = 50.0;
    assert!(admit(&delivery, &settings).is_ok());
    settings.gates.unknown_answer_percent = 49.0;
    let message = admit(&delivery, &settings).unwrap_err().with_hints();
    assert!(message.contains("which shares out the rows: found 50.00 %"), "{message}");
}

#[test]
fn a_delivery_of_several_panels_without_a_split_is_an_error() {
    let mut settings = split_settings("gp");
    settings.split = None;
    let error = admit(&raw(&["id|Q1|Q2|F", "a|1|30|huisarts"]), &settings).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .to_string()
            .starts_with("gp 2024: config/panels/gp.toml, [split]: `nurses_2024` feeds 2 panels"),
        "{error}"
    );
}

#[test]
fn a_panel_without_a_row_is_refused() {
    let error = admit(&raw(&["id|Q1|Q2"]), &admit_settings(codebook())).unwrap_err();
    assert!(error.to_string().contains("no row of this panel in the delivery"), "{error}");
}
