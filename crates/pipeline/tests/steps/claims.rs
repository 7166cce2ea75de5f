//! The claims of the store, one a test.

use super::*;

#[test]
fn a_changed_delivery_reruns_its_chain_and_the_roll_up_only() {
    let world = World::new();
    world.run();
    world.deliver("gp", 2024, "gp 2024\nyes\nyes");
    let steps: Vec<String> =
        world.run().iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(steps, ["ingest:gp_2024", "harmonise:gp:2024", "weight:gp:2024", "estimate:gp"]);
}

#[test]
fn a_change_that_makes_no_difference_stops_where_it_makes_none() {
    let world = World::new();
    world.run();
    world.deliver("gp", 2024, "GP 2024\nyes\nno");
    let ran = world.run();
    assert_eq!(ran.len(), 2, "{ran:?}");
    assert!(ran[0].starts_with("ingest:gp_2024: delivery `gp_2024`"), "{ran:?}");
    assert!(ran[1].starts_with("harmonise:gp:2024: ingest:gp_2024 changed"), "{ran:?}");
}

#[test]
fn a_changed_codebook_row_reruns_only_the_panel_wave_that_reads_it_and_is_named() {
    let world = World::new();
    world.run();
    world.configure(&CONFIG.replacen("column = \"Q1\"", "column = \"Q2\"", 1));
    let ran = world.run();
    assert_eq!(
        ran[0],
        "harmonise:gp:2024: codebook/items.csv: `gp,2024,use` `column` changed from `Q1` to `Q2`"
    );
    assert!(ran.iter().all(|line| !line.contains("nurse") && !line.contains("2025")), "{ran:?}");
}

#[test]
fn a_rule_that_changes_no_hand_off_stops_before_the_roll_up() {
    let world = World::new();
    world.run();
    world.configure(&CONFIG.replace("condition = \"x\"", "condition = \"y\""));
    let ran = world.run();
    assert_eq!(ran.len(), 4);
    assert!(
        ran.iter().all(|line| line.ends_with("rule `odd` `condition` changed from `x` to `y`")),
        "{ran:?}"
    );
}

/// The file of a step's table.
fn object_of(world: &World, step: &Step) -> PathBuf {
    let store = Store::open(&world.store_folder(), false);
    let store::Found::Record(record) = store.record(step) else { panic!("no record") };
    store.objects.path("table", &record.output.files["table"])
}

#[test]
fn a_hand_off_that_went_bad_behind_the_cache_is_found_when_it_is_read() {
    let world = World::new();
    world.run();
    let path = object_of(&world, &Step::of(Stage::Harmonise, &PanelWave::new("gp", 2024)));
    fs::write(&path, b"not parquet").unwrap();
    // As if the disk itself had changed the bytes: size and times are those that the cache knows.
    let hashes = Store::open(&world.store_folder(), false).hashes;
    hashes
        .learn(
            &path,
            &store::fingerprint::Fingerprint(
                path.file_stem().unwrap().to_string_lossy().into_owned(),
            ),
        )
        .unwrap();
    hashes.save().unwrap();
    world.configure(&CONFIG.replace("condition = \"x\"", "condition = \"y\""));
    let ran = world.run();
    assert!(
        ran.iter().any(|line| line.contains("harmonise:gp:2024") && line.contains("is damaged")),
        "{ran:?}"
    );
}

#[test]
fn a_missing_hand_off_is_made_again() {
    let world = World::new();
    world.run();
    fs::remove_file(object_of(&world, &Step::ingest("gp_2024"))).unwrap();
    let ran = world.run();
    assert!(ran.len() == 1 && ran[0].contains("is missing"), "{ran:?}");
}

#[test]
fn all_steps_that_lost_the_same_bytes_run_again_whoever_comes_first() {
    // The toy's weight hands on what it was handed, so that both records name one object.
    for threads in [1, 8] {
        let world = World { threads, ..World::new() };
        world.run();
        let step = Step::of(Stage::Harmonise, &PanelWave::new("gp", 2024));
        fs::remove_file(object_of(&world, &step)).unwrap();
        let ran = world.run();
        assert!(ran.len() == 2 && ran.iter().all(|line| line.contains("is missing")), "{ran:?}");
        assert_eq!(world.run(), [""; 0]);
    }
}

#[test]
fn the_bytes_of_the_store_do_not_depend_on_threads_or_folder() {
    let contents = |threads: usize| {
        let world = World { threads, ..World::new() };
        world.run();
        let store = Store::open(&world.store_folder(), false);
        store.records().into_iter().map(|record| (record.step, record.output)).collect::<Vec<_>>()
    };
    let one = contents(1);
    assert_eq!(one.len(), 14);
    assert_eq!(one, contents(2));
    assert_eq!(one, contents(8));
}

#[test]
fn a_step_that_is_not_selected_is_left_as_it_is() {
    let mut world = World::new();
    world.run();
    world.deliver("gp", 2024, "other\nrows");
    world.selection.select = vec!["weight:nurse".to_owned()];
    assert_eq!(world.run(), [""; 0]);
    world.selection.select = vec!["ingest:gp:2024".to_owned()];
    assert_eq!(world.run().len(), 1);
    world.selection.select = Vec::new();
    assert_eq!(world.run().len(), 3);
}

#[test]
fn a_selected_step_whose_input_was_never_made_says_what_to_select() {
    let mut world = World::new();
    world.selection.select = vec!["weight:gp:2024".to_owned()];
    let error = world.walk(Mode::Run).result.unwrap_err().hint();
    assert_eq!(error.as_deref(), Some("`--select +weight:gp:2024` makes what it needs first"));
}

#[test]
fn with_keep_going_the_others_go_on_and_the_next_run_does_the_rest_only() {
    let mut world = World::new();
    world.deliver("gp", 2024, "refuse");
    world.keep_going = true;
    let walked = world.walk(Mode::Run);
    assert!(matches!(walked.result, Err(Error::Stage { .. })));
    assert_eq!(walked.ran().len(), 12, "{:?}", walked.ran());
    world.deliver("gp", 2024, "gp 2024\nyes\nno");
    let ran = world.run();
    assert_eq!(ran.len(), 4, "{ran:?}");
}

#[test]
fn an_interrupted_run_stops_between_steps() {
    let world = World::new();
    world.outside.interrupted.store(true, Ordering::Relaxed);
    let walked = world.walk(Mode::Run);
    assert_eq!(walked.result.unwrap_err().end(), End::Interrupted);
    world.outside.interrupted.store(false, Ordering::Relaxed);
    assert_eq!(world.run().len(), 14);
}

#[test]
fn the_ledger_has_a_line_a_step_that_ran() {
    let world = World::new();
    world.run();
    world.run();
    let lines = Ledger::read(&world.store_folder()).unwrap();
    assert_eq!(lines.len(), 14);
    let json = serde_json::to_value(&lines[0]).unwrap();
    assert_eq!(json["event"], "step");
    assert_eq!(json["why"][0]["reason"], "first_time");
    assert_eq!(json["ended"], "changed");
}

#[test]
fn sweeping_removes_what_no_record_names_and_nothing_else() {
    let world = World::new();
    world.run();
    fs::write(world.store_folder().join("objects/.writing-half"), b"x").unwrap();
    world.deliver("gp", 2024, "other\nrows");
    world.run();
    let store = Store::open(&world.store_folder(), false);
    assert!(store.sweep().unwrap() >= 4);
    assert_eq!(store.sweep().unwrap(), 0);
    assert_eq!(world.run(), [""; 0]);
}
