//! Values as a crosswalk gives them.

use super::*;

#[test]
fn the_other_of_a_crosswalk_takes_every_text_that_no_row_names_and_hands_on_none_of_it() {
    let rows = ["1=yes", "2=no", "<other>=no"];
    let codebook = Codebook { crosswalks: BTreeMap::from([crosswalk("yn", &rows)]), ..codebook() };
    let admitted = admitted(&["id|Q1|Q2", "a|1|30", "b|geheim|40", "c||40"], codebook);
    assert_eq!(fates(&admitted, "use"), [RECODED, RECODED, EMPTY]);
    assert_eq!(values(&admitted, "use")[1].as_deref(), Some("no"));
    assert!(!format!("{admitted:?}").contains("geheim"));
    assert!(found(&admitted.findings, "unknown_answer").is_empty());
}

#[test]
fn a_crosswalk_lets_words_and_missing_codes_stand_in_a_number_column() {
    let mut codebook = codebook();
    codebook.items[1].crosswalk = "age".to_owned();
    codebook.items[1].maximum = Some(110.0);
    codebook
        .crosswalks
        .extend([crosswalk("age", &["weet niet=!dont_know", "999=!refused", "<number>=<number>"])]);
    let admitted =
        admitted(&["id|Q1|Q2", "a|1|30", "b|1|weet niet", "c|1|999,0", "d|1|oud"], codebook);
    let refused = Fate::Missing(MissingReason::Refused);
    assert_eq!(fates(&admitted, "age"), [KEPT, DONT_KNOW, refused, INVALID]);
    assert_eq!(values(&admitted, "age"), [Some("30".to_owned()), None, None, None]);
    assert_eq!(admitted.findings.len(), 1);
    assert_eq!(
        admitted.findings[0].expected,
        "a number of at most 110, or one of `999`, `weet niet`"
    );
}

#[test]
fn recodes_read_a_snapshot_so_that_one_to_two_and_two_to_three_do_not_chain() {
    let rows = crosswalk("yn", &["1=2", "2=3", "3=3"]);
    let codebook = Codebook {
        answers: BTreeMap::from([answers("yes_no", &["1", "2", "3"])]),
        crosswalks: BTreeMap::from([rows]),
        ..codebook()
    };
    let admitted = admitted(&["id|Q1|Q2", "a|1|30", "b|2|30", "c|3|30"], codebook);
    assert_eq!(values(&admitted, "use"), ["2", "3", "3"].map(|code| Some(code.to_owned())));
    assert_eq!(fates(&admitted, "use"), [RECODED, RECODED, KEPT]);
}

#[test]
fn a_missing_code_holds_only_in_the_wave_whose_crosswalk_has_it() {
    let mut earlier = codebook();
    earlier.crosswalks.extend([crosswalk("age", &["99=!refused", "<number>=<number>"])]);
    "age".clone_into(&mut earlier.items[1].crosswalk);
    let read = |codebook: Codebook| {
        cells(&admitted(&["id|Q1|Q2", "a|1|99", "b|1|50,5"], codebook).table, "age")
    };
    let kept = |number: &str| (Some(number.to_owned()), KEPT);
    assert_eq!(read(earlier), [(None, Fate::Missing(MissingReason::Refused)), kept("50.5")]);
    assert_eq!(read(codebook()), [kept("99"), kept("50.5")]);
}

#[test]
fn a_text_that_is_a_code_is_unknown_where_the_crosswalk_does_not_have_it() {
    let admitted = admitted(&["id|Q1|Q2", "a|yes|30"], codebook());
    assert_eq!(cells(&admitted.table, "use"), [(None, INVALID)]);
}

#[test]
fn a_crosswalk_to_what_the_concept_cannot_have_is_an_error_that_never_shows_the_value() {
    for (place, rows) in [(0, ["geheim=maybe"]), (1, ["geheim=many"])] {
        let mut codebook = codebook();
        codebook.crosswalks.extend([crosswalk("wrong", &rows)]);
        "wrong".clone_into(&mut codebook.items[place].crosswalk);
        let concept = codebook.items[place].concept.clone();
        let error = admit(&raw(&["id|Q1|Q2", "a|geheim|geheim"]), &admit_settings(codebook));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(
            error.with_hints(),
            format!(
                "nurse 2024: config/codebook/items.csv, line 212: crosswalk `wrong` gives what `{concept}` cannot have\nhint: see its rows in config/codebook/crosswalks.csv"
            )
        );
    }
}

#[test]
fn a_crosswalk_of_texts_reads_words_and_numbers_and_keeps_the_rest() {
    let mut codebook = codebook();
    codebook.concepts.push(concept("remark", Kind::Text, Role::Answer, ""));
    codebook.items.push(item("remark", "R", "remarks"));
    codebook.crosswalks.extend([crosswalk("remarks", &["-=!refused", "<number>=!invalid"])]);
    let lines = ["id|Q1|Q2|R", "a|1|30|-", "b|1|30|12", "c|1|30|goed zo"];
    let admitted = admitted(&lines, codebook);
    let missing = |reason| (None, Fate::Missing(reason));
    assert_eq!(
        cells(&admitted.table, "remark"),
        [
            missing(MissingReason::Refused),
            missing(MissingReason::Invalid),
            (Some("goed zo".to_owned()), KEPT)
        ]
    );
    assert_eq!(admitted.about.unused_recodes, ["yn: 2", "yn: 9"]);
}

#[test]
fn crosswalk_rows_are_used_by_cells_that_count_only() {
    let lines = ["id|Q1|Q2|Q3|Q4", "a|1|30|2|", "b|9|30|N/A|", "|2|30|2|2"];
    let mut codebook = routed();
    codebook.crosswalks.extend([
        crosswalk("yn", &["1=yes", "2=no", "9=!dont_know"]),
        crosswalk("often", &["2=no", "N/A=!not_routed", "<empty>=no"]),
        crosswalk("of_no_item", &["1=yes"]),
    ]);
    let often = codebook.items.iter_mut().find(|item| item.concept == "often").unwrap();
    "often".clone_into(&mut often.crosswalk);
    let admitted = admitted(&lines, codebook);
    assert_eq!(
        admitted.about.unused_recodes,
        ["often: <empty>", "often: N/A", "yn: 2"],
        "not by rows without id, nor where routing decides"
    );
}
